// The face of gather.h for JavaScript.
#pragma once

#include <node.h>

namespace gather {

// Adds gatherInto, gatherFrom, stopGathering, goOnGathering and leaveGathered.
void addTo(v8::Local<v8::Object> exports, v8::Local<v8::Context> context);

}  // namespace gather
