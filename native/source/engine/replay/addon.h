// What JavaScript calls of replay.h: native/replay.ts says what each does.
#pragma once

#include <node.h>

namespace replay {

void addTo(v8::Local<v8::Object> exports, v8::Local<v8::Context> context);

}  // namespace replay
