#include "answers-addon.h"

#include <cstring>
#include <memory>

#include "answers.h"

namespace answers {

namespace {

using v8::FunctionCallbackInfo;
using v8::Local;
using v8::Value;

constexpr std::size_t placesCount = 6;

// Of one environment, for as long as it lives.
struct Reader {
  Answers answers;
  // Of the last head that was not odd; 0 when keepLines() has nothing to go by.
  uint32_t headBytes = 0;
  std::shared_ptr<v8::BackingStore> store;
  uint32_t* places = nullptr;
};

void dispose(void* reader) { delete static_cast<Reader*>(reader); }

Reader* readerOf(const FunctionCallbackInfo<Value>& info) {
  return static_cast<Reader*>(info.Data().As<v8::External>()->Value());
}

struct Bytes {
  char* at = nullptr;
  std::size_t length = 0;
};

// From the index on; nothing of what is no Uint8Array or has no such index.
Bytes bytesFrom(Local<Value> view, Local<Value> index) {
  if (!view->IsUint8Array() || !index->IsUint32()) return {};
  const auto array = view.As<v8::Uint8Array>();
  const std::size_t from = index.As<v8::Uint32>()->Value();
  const std::size_t length = array->ByteLength();
  char* data = static_cast<char*>(array->Buffer()->Data());
  if (data == nullptr || from > length) return {};
  return {data + array->ByteOffset() + from, length - from};
}

// answersInto(buffer): six 32-bit numbers will be written there by answer(): the slot of the shape, the length of the head,
// Content-Length (low and high), and where the value of Date begins.
void answersInto(const FunctionCallbackInfo<Value>& info) {
  Reader* reader = readerOf(info);
  v8::Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsArrayBuffer() || info[0].As<v8::ArrayBuffer>()->ByteLength() < placesCount * sizeof(uint32_t)) {
    isolate->ThrowException(v8::Exception::TypeError(
        v8::String::NewFromUtf8Literal(isolate, "expected an ArrayBuffer of at least 24 bytes")));
    return;
  }
  reader->store = info[0].As<v8::ArrayBuffer>()->GetBackingStore();
  reader->places = static_cast<uint32_t*>(reader->store->Data());
}

// answer(bytes, at): bits of answers::seen for the head that begins there.
void answer(const FunctionCallbackInfo<Value>& info) {
  Reader* reader = readerOf(info);
  uint32_t marks = seen::odd;
  const Bytes bytes = bytesFrom(info[0], info[1]);
  reader->headBytes = 0;
  if (bytes.at != nullptr && reader->places != nullptr) {
    Found found;
    marks = reader->answers.scan(bytes.at, bytes.length, found);
    if (marks != seen::odd) reader->headBytes = found.headBytes;
    reader->places[0] = found.slot;
    reader->places[1] = found.headBytes;
    reader->places[2] = static_cast<uint32_t>(found.contentLength);
    reader->places[3] = static_cast<uint32_t>(found.contentLength >> 32);
    reader->places[4] = found.dateAt;
  }
  info.GetReturnValue().Set(marks);
}

// keepLines(low, high, to, at, behind): writes the lines of the head that was read last, whose bytes must still be there, and
// what goes behind them, if anything; returns how many bytes that are. -1 when there is no such head, or too little room.
void keepLines(const FunctionCallbackInfo<Value>& info) {
  Reader* reader = readerOf(info);
  const Bytes to = bytesFrom(info[2], info[3]);
  int32_t written = -1;
  const Bytes behind = info[4]->IsUndefined() ? Bytes{} : bytesFrom(info[4], v8::Integer::New(info.GetIsolate(), 0));
  const bool hasRoom = reader->headBytes > 0 && to.length >= reader->headBytes + 2 * linesMax + behind.length;
  if (hasRoom && info[0]->IsUint32() && info[1]->IsUint32()) {
    const uint64_t high = info[1].As<v8::Uint32>()->Value();
    const uint64_t mask = high << 32 | info[0].As<v8::Uint32>()->Value();
    const std::size_t bytes = reader->answers.keep(mask, to.at);
    if (behind.length > 0) std::memcpy(to.at + bytes, behind.at, behind.length);
    written = static_cast<int32_t>(bytes + behind.length);
  }
  info.GetReturnValue().Set(written);
}

}  // namespace

void addTo(Local<v8::Object> exports, Local<v8::Context> context) {
  v8::Isolate* isolate = context->GetIsolate();
  Reader* reader = new Reader();
  node::AddEnvironmentCleanupHook(isolate, dispose, reader);
  const auto data = v8::External::New(isolate, reader);
  const auto define = [&](const char* name, v8::FunctionCallback callback) {
    const auto key = v8::String::NewFromUtf8(isolate, name).ToLocalChecked();
    exports->Set(context, key, v8::Function::New(context, callback, data).ToLocalChecked()).Check();
  };
  define("answersInto", answersInto);
  define("answer", answer);
  define("keepLines", keepLines);
}

}  // namespace answers
