#include "gather.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace gather {

namespace {

template <typename Handle>
uv_handle_t* handleOf(Handle* handle) {
  return reinterpret_cast<uv_handle_t*>(handle);
}

}  // namespace

Gatherer::Gatherer(v8::Isolate* isolate, v8::Local<v8::Context> context) : isolate_(isolate), context_(isolate, context) {
  uv_check_init(node::GetCurrentEventLoop(isolate), &check_);
  // The sockets keep the process alive, as their streams would.
  uv_unref(handleOf(&check_));
  check_.data = this;
}

void Gatherer::begin(const Memory& memory, v8::Local<v8::Function> deliver) {
  bytesStore_ = memory.bytes->GetBackingStore();
  wordsStore_ = memory.words->GetBackingStore();
  restStore_ = memory.rest->GetBackingStore();
  bytes_ = static_cast<uint8_t*>(bytesStore_->Data());
  bytesMax_ = bytesStore_->ByteLength();
  words_ = static_cast<int32_t*>(wordsStore_->Data());
  recordsMax_ = (static_cast<int32_t>(wordsStore_->ByteLength() / sizeof(int32_t)) - passedWords) / recordWords;
  deliver_.Reset(isolate_, deliver);
}

int32_t Gatherer::add(int fd) {
  const int own = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (own < 0) return -errno;
  Source* source = new Source();
  const int refused = uv_poll_init(check_.loop, &source->poll, own);
  if (refused != 0) {
    ::close(own);
    delete source;
    return refused;
  }
  handles_ += 1;
  source->gatherer = this;
  source->fd = own;
  if (freeSlots_.empty()) {
    freeSlots_.push_back(static_cast<int32_t>(sources_.size()));
    sources_.push_back(nullptr);
  }
  source->slot = freeSlots_.back();
  freeSlots_.pop_back();
  sources_[source->slot] = source;
  start(source);
  return source->slot;
}

void Gatherer::start(Source* source) { uv_poll_start(&source->poll, UV_READABLE, onReadable); }

void Gatherer::stop(int32_t slot) {
  if (Source* source = at(slot)) uv_poll_stop(&source->poll);
}

void Gatherer::goOn(int32_t slot) {
  if (Source* source = at(slot)) start(source);
}

void Gatherer::limit(int32_t slot, std::size_t bytesMax) {
  if (Source* source = at(slot)) source->bytesMax = bytesMax;
}

std::size_t Gatherer::passOn(int32_t slot, int to, std::size_t bytes) {
  const Source* source = at(slot);
  const auto rest = static_cast<uint8_t*>(restStore_->Data());
  Pipe::Moved result;
  if (source != nullptr && to >= 0) result = pipe_.move(source->fd, to, bytes, rest, restStore_->ByteLength());
  int32_t* words = words_ + recordsMax_ * recordWords;
  words[0] = static_cast<int32_t>(result.left);
  words[1] = result.error;
  return result.moved;
}

void Gatherer::leave(int32_t slot) {
  Source* source = at(slot);
  if (source == nullptr) return;
  // Who gets the slot next does not get what came for this one.
  for (int32_t record = 0; record < records_; ++record) {
    int32_t& of = words_[record * recordWords];
    if (of == slot) of = nobody;
  }
  sources_[slot] = nullptr;
  freeSlots_.push_back(slot);
  // What is closed must not be watched any more: uv_close comes first.
  uv_close(handleOf(&source->poll), [](uv_handle_t* handle) {
    Source* closed = reinterpret_cast<Source*>(handle);
    Gatherer* gatherer = closed->gatherer;
    delete closed;
    gatherer->closed();
  });
  ::close(source->fd);
}

void Gatherer::end(void (*done)(void*), void* argument) {
  done_ = done;
  doneArgument_ = argument;
  for (std::size_t slot = 0; slot < sources_.size(); ++slot) leave(static_cast<int32_t>(slot));
  records_ = 0;
  uv_close(handleOf(&check_), [](uv_handle_t* handle) { static_cast<Gatherer*>(handle->data)->closed(); });
}

void Gatherer::closed() {
  handles_ -= 1;
  if (handles_ > 0) return;
  done_(doneArgument_);
  delete this;
}

Source* Gatherer::at(int32_t slot) const {
  return slot >= 0 && static_cast<std::size_t>(slot) < sources_.size() ? sources_[slot] : nullptr;
}

void Gatherer::onReadable(uv_poll_t* poll, int status, int) {
  Source* source = reinterpret_cast<Source*>(poll);
  // libuv has stopped watching a broken one: what came before it broke is read first, and then its error.
  if (status != 0) source->gatherer->start(source);
  source->gatherer->read(source);
}

void Gatherer::read(Source* source) {
  if (source->batch == batch_) {
    deliver();
    // It may have been stopped or left meanwhile; one that was left is there until this turn is over.
    if (!uv_is_active(handleOf(&source->poll))) return;
  }
  ssize_t length;
  const std::size_t bytes = std::min(bytesMax_ - bytesUsed_, source->bytesMax);
  do length = ::recv(source->fd, bytes_ + bytesUsed_, bytes, MSG_DONTWAIT);
  while (length < 0 && errno == EINTR);
  if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
  const int32_t result = static_cast<int32_t>(length < 0 ? -errno : length);
  if (result <= 0) uv_poll_stop(&source->poll);
  note(source, result);
}

void Gatherer::note(Source* source, int32_t length) {
  int32_t* record = words_ + records_ * recordWords;
  record[0] = source->slot;
  record[1] = static_cast<int32_t>(bytesUsed_);
  record[2] = length;
  source->batch = batch_;
  records_ += 1;
  if (length > 0) bytesUsed_ += static_cast<std::size_t>(length);
  if (records_ == recordsMax_ || bytesMax_ - bytesUsed_ < bytesMin) deliver();
  // It comes before those that are there already: what JavaScript does at the end of a turn is done behind it.
  else if (records_ == 1) uv_check_start(&check_, onTurn);
}

void Gatherer::onTurn(uv_check_t* check) { static_cast<Gatherer*>(check->data)->deliver(); }

void Gatherer::deliver() {
  uv_check_stop(&check_);
  v8::HandleScope scope(isolate_);
  const auto context = context_.Get(isolate_);
  v8::Context::Scope inContext(context);
  v8::Local<v8::Value> records = v8::Integer::New(isolate_, records_);
  node::MakeCallback(isolate_, context->Global(), deliver_.Get(isolate_), 1, &records, node::async_context{0, 0});
  records_ = 0;
  bytesUsed_ = 0;
  batch_ += 1;
}

}  // namespace gather
