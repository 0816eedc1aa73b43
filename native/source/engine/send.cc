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

// Behind the `length` bytes that are there; false for what is no latin1 text, or too long.
bool append(v8::Isolate* isolate, v8::Local<v8::Value> value, uint8_t* bytes, int& length) {
  if (!value->IsString()) return false;
  const auto text = value.As<v8::String>();
  if (!text->IsOneByte() || text->Length() > bytesMax - length) return false;
  length += text->WriteOneByte(isolate, bytes + length, 0, text->Length(), v8::String::NO_NULL_TERMINATION);
  return true;
}

}  // namespace

void send(const v8::FunctionCallbackInfo<v8::Value>& info) {
  uint8_t bytes[bytesMax];
  int length = 0;
  bool isSendable = info[0]->IsInt32();
  for (int each = 1; each <= textsCount && isSendable; ++each) isSendable = append(info.GetIsolate(), info[each], bytes, length);
  info.GetReturnValue().Set(isSendable ? sendAll(info[0].As<v8::Int32>()->Value(), bytes, length) : 0);
}

}  // namespace send_now
