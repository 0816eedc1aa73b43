// The face of answers.h for JavaScript.
#pragma once

#include <node.h>

namespace answers {

// Adds answersInto, answer and keepLines.
void addTo(v8::Local<v8::Object> exports, v8::Local<v8::Context> context);

}  // namespace answers
