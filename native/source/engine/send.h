// Writes what is short to a socket at once, as Node's streams would after five layers of JavaScript.
#pragma once

#include <node.h>

namespace send_now {

// send(fd, text): how many bytes of a latin1 text the kernel took, 0 when it takes none now, or the negated error number.
// Of what is no such text, or longer than `bytesMax`, 0.
constexpr int bytesMax = 16384;

void send(const v8::FunctionCallbackInfo<v8::Value>& info);

}  // namespace send_now
