#include "addon.h"

#include <memory>
#include <random>

#include "lesson.h"

namespace replay {

namespace {

using v8::FunctionCallbackInfo;
using v8::Local;
using v8::Value;
using Info = FunctionCallbackInfo<Value>;

// Of this process, for as long as it lives.
Memory* memory = nullptr;

us_socket_t* socketOf(Local<Value> response) {
  if (!response->IsObject() || response.As<v8::Object>()->InternalFieldCount() == 0) return nullptr;
  return static_cast<us_socket_t*>(response.As<v8::Object>()->GetAlignedPointerFromInternalField(0));
}

std::string textOf(const Info& info, int at) {
  if (!info[at]->IsString()) return {};
  const v8::String::Utf8Value text(info.GetIsolate(), info[at]);
  return {*text, static_cast<std::size_t>(text.length())};
}

double number(const Info& info, int at) { return info[at]->IsNumber() ? info[at].As<v8::Number>()->Value() : 0; }

void begin(const Info& info) {
  info.GetReturnValue().Set(false);
  Usockets sockets;
  const Kept words = keep(info[0]);
  if ((current != nullptr && !current->isEnded()) || words.length < sizeof(Words) || !sockets.find()) return;
  Limits limits;
  limits.answers = static_cast<std::size_t>(number(info, 1));
  limits.unsentBytes = static_cast<std::size_t>(number(info, 2));
  limits.idleSeconds = static_cast<unsigned>(number(info, 3));
  limits.headBytes = static_cast<std::size_t>(number(info, 4));
  if (current == nullptr) {
    std::random_device random;
    memory = new Memory{};
    current = new Replay(sockets, limits, (static_cast<uint64_t>(random()) << 32) | random());
    current->begin(node::GetCurrentEventLoop(info.GetIsolate()));
  } else {
    current->renew(limits);
  }
  *memory = {words, {}, {}};
  current->share(reinterpret_cast<Words*>(words.bytes));
  info.GetReturnValue().Set(true);
}

void turn(const Info& info) {
  if (current != nullptr) current->isOn = info[0]->IsTrue();
}

void opened(const Info& info) {
  us_socket_t* socket = socketOf(info[0]);
  const int ssl = info[2]->IsTrue() ? secure : plain;
  const bool isAttached = current != nullptr && socket != nullptr && current->attach(socket, ssl);
  if (isAttached) current->opened(socket, ssl, textOf(info, 1));
  info.GetReturnValue().Set(isAttached);
}

// log(before, between, every, bytesMax): how lines are written, from now on.
void log(const Info& info) {
  if (current == nullptr) return;
  LineOptions options{textOf(info, 0), textOf(info, 1), static_cast<unsigned>(number(info, 2)),
                      static_cast<std::size_t>(number(info, 3))};
  current->log(options);
}

// takeLines(into): returns how many bytes.
void takeLines(const Info& info) {
  const Kept into = keep(info[0]);
  const std::size_t taken = current == nullptr ? 0 : current->takeLines(into.bytes, into.length);
  info.GetReturnValue().Set(static_cast<double>(taken));
}

void closed(const Info& info) {
  us_socket_t* socket = socketOf(info[0]);
  if (current != nullptr && socket != nullptr) current->closed(socket);
}

void release(const Info& info) {
  if (current != nullptr) current->release(number(info, 0));
}

void keepIn(std::vector<Kept>& list, const Info& info) {
  list.push_back(keep(info[0]));
  info.GetReturnValue().Set(static_cast<double>(list.size() - 1));
}

void watch(const Info& info) { keepIn(memory->watched, info); }

void meter(const Info& info) { keepIn(memory->cells, info); }

// teach(numbers, beforeAge, afterAge, body, line, extents): an id, or -1.
void teach(const Info& info) {
  Taught taught;
  const bool isLesson = current != nullptr && readLesson(info, *memory, current->files(), taught);
  info.GetReturnValue().Set(isLesson ? static_cast<double>(current->teach(taught.token, taught.lesson)) : -1);
}

// addFile(id, descriptor): answers may be sent out of it, until leaveFile(id) has returned 0.
void addFile(const Info& info) {
  if (current != nullptr) current->files().add(number(info, 0), static_cast<int>(number(info, 1)));
}

// leaveFile(id): how many are being sent out of it still.
void leaveFile(const Info& info) {
  info.GetReturnValue().Set(current == nullptr ? 0 : current->files().leave(number(info, 0)));
}

void cutFile(const Info& info) {
  const File* file = current == nullptr ? nullptr : current->files().leaving(number(info, 0));
  if (file != nullptr) current->cut(file);
}

void forget(const Info& info) {
  if (current != nullptr) current->forget(static_cast<uint32_t>(number(info, 0)));
}

void clear(const Info&) {
  if (current != nullptr) current->clear();
}

void end(const Info&) {
  if (current != nullptr) current->end();
}

// tell(into): two numbers for each answer; returns how many answers.
void tell(const Info& info) {
  const Kept into = keep(info[0]);
  const std::size_t room = into.length / sizeof(Told);
  const std::size_t count = current == nullptr ? 0 : current->tell(reinterpret_cast<Told*>(into.bytes), room);
  info.GetReturnValue().Set(static_cast<double>(count));
}

void sending(const Info& info) {
  info.GetReturnValue().Set(current == nullptr ? 0 : static_cast<double>(current->sending()));
}

}  // namespace

void addTo(Local<v8::Object> exports, Local<v8::Context> context) {
  v8::Isolate* isolate = context->GetIsolate();
  const Local<v8::Object> all = v8::Object::New(isolate);
  const auto define = [&](const char* name, v8::FunctionCallback function) {
    const auto key = v8::String::NewFromUtf8(isolate, name).ToLocalChecked();
    all->Set(context, key, v8::Function::New(context, function).ToLocalChecked()).Check();
  };
  define("begin", begin);
  define("turn", turn);
  define("log", log);
  define("takeLines", takeLines);
  define("addFile", addFile);
  define("leaveFile", leaveFile);
  define("cutFile", cutFile);
  define("opened", opened);
  define("closed", closed);
  define("release", release);
  define("watch", watch);
  define("meter", meter);
  define("teach", teach);
  define("forget", forget);
  define("clear", clear);
  define("tell", tell);
  define("sending", sending);
  define("end", end);
  exports->Set(context, v8::String::NewFromUtf8Literal(isolate, "replay"), all).Check();
}

}  // namespace replay
