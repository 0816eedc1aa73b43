// Writes what is short to a socket at once, as Node's streams would after five layers of JavaScript.
#pragma once

#include <node.h>

namespace send_now {

// send(fd, first, second, third): how many bytes of three latin1 texts, one behind the other, the kernel took, 0 when it takes
// none now, or the negated error number. Of what are no such texts, or longer than `bytesMax` together, 0.
constexpr int bytesMax = 16384;
constexpr int textsCount = 3;

void send(const v8::FunctionCallbackInfo<v8::Value>& info);

}  // namespace send_now
