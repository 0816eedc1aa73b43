/** In the arguments of a thread that is to work when nobody else wants the core. */
export const idleWord = 'idle'
