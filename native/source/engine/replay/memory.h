// Memory of JavaScript that is used in here for longer than a call.
#pragma once

#include <node.h>

#include <memory>
#include <vector>

namespace replay {

// What came from JavaScript and is kept: memory that lies still.
struct Kept {
  std::shared_ptr<v8::BackingStore> store;
  char* bytes;
  std::size_t length;
};

struct Memory {
  Kept words;
  std::vector<Kept> watched;
  std::vector<Kept> cells;
};
inline Kept keep(v8::Local<v8::Value> value) {
  if (!value->IsArrayBufferView()) return {nullptr, nullptr, 0};
  const auto view = value.As<v8::ArrayBufferView>();
  const auto store = view->Buffer()->GetBackingStore();
  return {store, static_cast<char*>(store->Data()) + view->ByteOffset(), view->ByteLength()};
}

}  // namespace replay
