// What JavaScript calls teach() with.
#pragma once

#include "memory.h"
#include "replay.h"

namespace replay {

// The texts of the lesson are in `parts`.
struct Taught {
  double token;
  Kept parts[5];
  Lesson lesson;
};

// False when it is not as it has to be: a place outside of its memory, a file that is not there, a length that is not its parts'.
bool readLesson(const v8::FunctionCallbackInfo<v8::Value>& info, const Memory& memory, const Files& files, Taught& taught);

}  // namespace replay
