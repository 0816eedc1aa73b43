#include "gather-addon.h"

#include <algorithm>

#include "gather.h"
#include "replay/usockets.h"

namespace gather {

namespace {

using v8::FunctionCallbackInfo;
using v8::Local;
using v8::Value;

Gatherer* gathererOf(const FunctionCallbackInfo<Value>& info) {
  return static_cast<Gatherer*>(info.Data().As<v8::External>()->Value());
}

bool isBufferOf(Local<Value> value, std::size_t bytes) {
  return value->IsArrayBuffer() && value.As<v8::ArrayBuffer>()->ByteLength() >= bytes;
}

// gatherInto(bytes, words, rest, deliver): `deliver` will be called with the number of records in `words`. False when that was
// settled before.
void gatherInto(const FunctionCallbackInfo<Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const bool areBuffers = isBufferOf(info[0], bytesMin) && isBufferOf(info[1], (recordWords + passedWords) * sizeof(int32_t)) &&
                          isBufferOf(info[2], bytesMin);
  if (!areBuffers || !info[3]->IsFunction()) {
    isolate->ThrowException(v8::Exception::TypeError(
        v8::String::NewFromUtf8Literal(isolate, "expected ArrayBuffers of at least 65536, 20 and 65536 bytes, and a function")));
    return;
  }
  Gatherer* gatherer = gathererOf(info);
  info.GetReturnValue().Set(!gatherer->hasBegun());
  if (!gatherer->hasBegun())
    gatherer->begin({info[0].As<v8::ArrayBuffer>(), info[1].As<v8::ArrayBuffer>(), info[2].As<v8::ArrayBuffer>()},
                    info[3].As<v8::Function>());
}

// gatherFrom(fd): the slot of a socket that is read from now on, or a negated error number.
void gatherFrom(const FunctionCallbackInfo<Value>& info) {
  const bool isGood = info[0]->IsInt32() && gathererOf(info)->hasBegun();
  info.GetReturnValue().Set(isGood ? gathererOf(info)->add(info[0].As<v8::Int32>()->Value()) : UV_EINVAL);
}

// stopGathering(slot), goOnGathering(slot), leaveGathered(slot)
template <void (Gatherer::*change)(int32_t)>
void withSlot(const FunctionCallbackInfo<Value>& info) {
  if (info[0]->IsInt32()) (gathererOf(info)->*change)(info[0].As<v8::Int32>()->Value());
}

// limitGathered(slot, bytesMax)
void limit(const FunctionCallbackInfo<Value>& info) {
  if (!info[0]->IsInt32() || !info[1]->IsInt32()) return;
  const int32_t bytesMax = std::max(1, info[1].As<v8::Int32>()->Value());
  gathererOf(info)->limit(info[0].As<v8::Int32>()->Value(), static_cast<std::size_t>(bytesMax));
}

// The descriptor of an answer that is under way, if nothing of it waits to be sent; else -1.
int socketOf(Local<Value> response) {
  static replay::Usockets sockets;
  static const bool isFound = sockets.find();
  if (!isFound || !response->IsObject() || response.As<v8::Object>()->InternalFieldCount() == 0) return -1;
  const auto socket = static_cast<us_socket_t*>(response.As<v8::Object>()->GetAlignedPointerFromInternalField(0));
  if (socket == nullptr || (sockets.events(socket) & replay::writable) != 0) return -1;
  return sockets.fdOf(socket);
}

// passOn(slot, response, bytes): how many of so many bytes went on to the socket of that answer, which is without TLS.
void passOn(const FunctionCallbackInfo<Value>& info) {
  const int32_t slot = info[0]->IsInt32() ? info[0].As<v8::Int32>()->Value() : nobody;
  const int32_t bytes = info[2]->IsInt32() ? std::max(0, info[2].As<v8::Int32>()->Value()) : 0;
  Gatherer* gatherer = gathererOf(info);
  if (gatherer->hasBegun()) {
    const std::size_t moved = gatherer->passOn(slot, socketOf(info[1]), static_cast<std::size_t>(bytes));
    info.GetReturnValue().Set(static_cast<double>(moved));
  }
}

void end(void* gatherer, void (*done)(void*), void* argument) { static_cast<Gatherer*>(gatherer)->end(done, argument); }

}  // namespace

void addTo(Local<v8::Object> exports, Local<v8::Context> context) {
  v8::Isolate* isolate = context->GetIsolate();
  Gatherer* gatherer = new Gatherer(isolate, context);
  node::AddEnvironmentCleanupHook(isolate, end, gatherer);
  const auto data = v8::External::New(isolate, gatherer);
  const auto define = [&](const char* name, v8::FunctionCallback callback) {
    const auto key = v8::String::NewFromUtf8(isolate, name).ToLocalChecked();
    exports->Set(context, key, v8::Function::New(context, callback, data).ToLocalChecked()).Check();
  };
  define("gatherInto", gatherInto);
  define("gatherFrom", gatherFrom);
  define("stopGathering", withSlot<&Gatherer::stop>);
  define("goOnGathering", withSlot<&Gatherer::goOn>);
  define("leaveGathered", withSlot<&Gatherer::leave>);
  define("limitGathered", limit);
  define("passOn", passOn);
}

}  // namespace gather
