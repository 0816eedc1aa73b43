#include "send.h"

#include <sys/socket.h>

#include <cerrno>

namespace send_now {

namespace {

int sendAll(int fd, const uint8_t* bytes, int length) {
  ssize_t sent;
  do sent = ::send(fd, bytes, static_cast<std::size_t>(length), MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  if (sent >= 0) return static_cast<int>(sent);
  return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
}

}  // namespace

void send(const v8::FunctionCallbackInfo<v8::Value>& info) {
  int result = 0;
  if (info[0]->IsInt32() && info[1]->IsString()) {
    const auto text = info[1].As<v8::String>();
    const int length = text->Length();
    if (length <= bytesMax && text->IsOneByte()) {
      uint8_t bytes[bytesMax];
      text->WriteOneByte(info.GetIsolate(), bytes, 0, length, v8::String::NO_NULL_TERMINATION);
      result = sendAll(info[0].As<v8::Int32>()->Value(), bytes, length);
    }
  }
  info.GetReturnValue().Set(result);
}

}  // namespace send_now
