throw new Error(
  'uWebSockets.js 20.51.4 is published for Linux on x64 only: this platform cannot run the edge',
)
