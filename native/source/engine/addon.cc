// What the engine of an edge cannot do fast enough in JavaScript. Reads the heads of requests where uWebSockets.js 20.51 has them, in one call and without a string for each name and
// value. Its own functions take one call for each of these, which is a third of a hit. Built for one version of Node, as
// V8 has no stable interface; who uses it must know that the engine is of that version (native/heads.ts).
#include <node.h>

#include <memory>

#include "answers-addon.h"
#include "gather-addon.h"
#include "heads.h"
#include "replay/addon.h"
#include "send.h"

namespace {

// Raised whenever something changes: native/heads.ts refuses an addon that was built from other sources.
constexpr int interfaceVersion = 15;

// Of one environment, for as long as it lives.
struct Reader {
  heads::Heads heads;
  heads::Lines lines;
  std::shared_ptr<v8::BackingStore> store;
  uint32_t* places = nullptr;
};

void dispose(void* reader) { delete static_cast<Reader*>(reader); }

Reader* readerOf(const v8::FunctionCallbackInfo<v8::Value>& info) {
  return static_cast<Reader*>(info.Data().As<v8::External>()->Value());
}

// scanInto(buffer): four 32-bit numbers will be written there: by scan() the places of target, Host and Accept-Encoding, by
// lines() whether there is a Connection.
void scanInto(const v8::FunctionCallbackInfo<v8::Value>& info) {
  Reader* reader = readerOf(info);
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsArrayBuffer() || info[0].As<v8::ArrayBuffer>()->ByteLength() < 4 * sizeof(uint32_t)) {
    isolate->ThrowException(v8::Exception::TypeError(
        v8::String::NewFromUtf8Literal(isolate, "expected an ArrayBuffer of at least 16 bytes")));
    return;
  }
  reader->store = info[0].As<v8::ArrayBuffer>()->GetBackingStore();
  reader->places = static_cast<uint32_t*>(reader->store->Data());
}

// scan(request): bits of heads::seen. An object that is no request of the engine, or one whose handler has returned, is odd.
void scan(const v8::FunctionCallbackInfo<v8::Value>& info) {
  Reader* reader = readerOf(info);
  uint32_t marks = heads::seen::odd;
  if (info[0]->IsObject() && info[0].As<v8::Object>()->InternalFieldCount() > 0 && reader->places != nullptr) {
    const void* request = info[0].As<v8::Object>()->GetAlignedPointerFromInternalField(0);
    if (request != nullptr) {
      heads::Places places;
      marks = reader->heads.scan(static_cast<const heads::Field*>(request), places);
      reader->places[0] = places.target;
      reader->places[1] = places.host;
      reader->places[2] = places.codings;
    }
  }
  info.GetReturnValue().Set(marks);
}

// lines(request): the lines of its ordinary fields, or undefined. Only for one whose scan was not odd and whose handler has not
// returned: of any other object it is undefined, too.
void lines(const v8::FunctionCallbackInfo<v8::Value>& info) {
  Reader* reader = readerOf(info);
  if (!info[0]->IsObject() || info[0].As<v8::Object>()->InternalFieldCount() == 0) return;
  const void* request = info[0].As<v8::Object>()->GetAlignedPointerFromInternalField(0);
  if (request == nullptr || reader->places == nullptr || !reader->lines.read(static_cast<const heads::Field*>(request))) return;
  reader->places[3] = reader->lines.hasConnection() ? 1 : 0;
  const auto bytes = reinterpret_cast<const uint8_t*>(reader->lines.bytes());
  const int length = static_cast<int>(reader->lines.length());
  v8::Local<v8::String> text;
  if (v8::String::NewFromOneByte(info.GetIsolate(), bytes, v8::NewStringType::kNormal, length).ToLocal(&text)) {
    info.GetReturnValue().Set(text);
  }
}

// socketOf(response): a number that a connection of the engine has for as long as it is open, and no other meanwhile; 0 for what
// is no response of the engine, or one that is over.
void socketOf(const v8::FunctionCallbackInfo<v8::Value>& info) {
  double number = 0;
  if (info[0]->IsObject() && info[0].As<v8::Object>()->InternalFieldCount() > 0) {
    const void* socket = info[0].As<v8::Object>()->GetAlignedPointerFromInternalField(0);
    number = static_cast<double>(reinterpret_cast<uintptr_t>(socket));
  }
  info.GetReturnValue().Set(number);
}

}  // namespace

NODE_MODULE_INIT() {
  v8::Isolate* isolate = context->GetIsolate();
  Reader* reader = new Reader();
  node::AddEnvironmentCleanupHook(isolate, dispose, reader);
  const auto data = v8::External::New(isolate, reader);
  const auto define = [&](const char* name, v8::Local<v8::Value> value) {
    const auto key = v8::String::NewFromUtf8(isolate, name).ToLocalChecked();
    exports.As<v8::Object>()->Set(context, key, value).Check();
  };
  define("scan", v8::Function::New(context, scan, data).ToLocalChecked());
  define("lines", v8::Function::New(context, lines, data).ToLocalChecked());
  define("scanInto", v8::Function::New(context, scanInto, data).ToLocalChecked());
  define("socketOf", v8::Function::New(context, socketOf).ToLocalChecked());
  define("send", v8::Function::New(context, send_now::send).ToLocalChecked());
  answers::addTo(exports.As<v8::Object>(), context);
  gather::addTo(exports.As<v8::Object>(), context);
  replay::addTo(exports.As<v8::Object>(), context);
  define("interfaceVersion", v8::Integer::New(isolate, interfaceVersion));
}
