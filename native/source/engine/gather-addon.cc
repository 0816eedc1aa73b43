#include "gather-addon.h"

#include "gather.h"

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

// gatherInto(bytes, words, deliver): `deliver` will be called with the number of records in `words`. False when that was
// settled before.
void gatherInto(const FunctionCallbackInfo<Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  if (!isBufferOf(info[0], bytesMin) || !isBufferOf(info[1], recordWords * sizeof(int32_t)) || !info[2]->IsFunction()) {
    isolate->ThrowException(v8::Exception::TypeError(
        v8::String::NewFromUtf8Literal(isolate, "expected ArrayBuffers of at least 65536 and 12 bytes, and a function")));
    return;
  }
  Gatherer* gatherer = gathererOf(info);
  info.GetReturnValue().Set(!gatherer->hasBegun());
  if (!gatherer->hasBegun())
    gatherer->begin(info[0].As<v8::ArrayBuffer>(), info[1].As<v8::ArrayBuffer>(), info[2].As<v8::Function>());
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
}

}  // namespace gather
