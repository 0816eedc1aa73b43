#include "addon.h"

#include <memory>
#include <random>

#include "replay.h"

namespace replay {

namespace {

using v8::FunctionCallbackInfo;
using v8::Local;
using v8::Value;
using Info = FunctionCallbackInfo<Value>;

// What came from JavaScript and is kept: memory that lies still.
struct Kept {
  std::shared_ptr<v8::BackingStore> store;
  char* bytes;
  std::size_t length;
};

// Of this process, for as long as it lives.
struct Memory {
  Kept words;
  std::vector<Kept> watched;
  std::vector<Kept> cells;
};
Memory* memory = nullptr;

Kept keep(Local<Value> value) {
  if (!value->IsArrayBufferView()) return {nullptr, nullptr, 0};
  const auto view = value.As<v8::ArrayBufferView>();
  const auto store = view->Buffer()->GetBackingStore();
  return {store, static_cast<char*>(store->Data()) + view->ByteOffset(), view->ByteLength()};
}

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
  const bool isAttached = current != nullptr && socket != nullptr && current->attach(socket);
  if (isAttached) current->opened(socket, textOf(info, 1));
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

// The numbers of teach(), in their order.
struct Numbers {
  double token;
  double fromMs;
  double untilMs;
  double bornAtMs;
  double freshUntilMs;
  // The memory in which it is counted, -1 for none; where in it.
  double cells;
  double places[6];
  // The same of what forms save, two numbers; and by how much this one is shorter.
  double formCells;
  double formPlace;
  double bytesShorter;
  double absent;
  // Of the file that the body is in, or -1; how long it is.
  double file;
  double bodyBytes;
  double watches;
  // Of each: which memory, where in it, what it was.
  double watched[watchesMax][3];
};

// Null when there is no such place.
double* cellOf(double index, double at) {
  if (!(index >= 0) || index >= static_cast<double>(memory->cells.size())) return nullptr;
  const Kept& cells = memory->cells[static_cast<std::size_t>(index)];
  if (!(at >= 0) || (at + 1) * sizeof(double) > static_cast<double>(cells.length)) return nullptr;
  return reinterpret_cast<double*>(cells.bytes) + static_cast<std::size_t>(at);
}

bool readTally(const Numbers& numbers, Tally& tally) {
  if (numbers.cells >= 0) {
    double* places[6];
    for (int each = 0; each < 6; ++each) {
      places[each] = cellOf(numbers.cells, numbers.places[each]);
      if (places[each] == nullptr) return false;
    }
    tally = {places[0], places[1], places[2], places[3], places[4], places[5]};
  }
  if (numbers.formCells < 0) return true;
  tally.formResponses = cellOf(numbers.formCells, numbers.formPlace);
  tally.formBytes = cellOf(numbers.formCells, numbers.formPlace + 1);
  tally.bytesShorter = numbers.bytesShorter;
  return tally.formResponses != nullptr && tally.formBytes != nullptr;
}

bool readWatches(const Numbers& numbers, Answer& answer) {
  if (!(numbers.watches >= 0) || numbers.watches > watchesMax) return false;
  answer.watchesCount = static_cast<uint8_t>(numbers.watches);
  for (int each = 0; each < answer.watchesCount; ++each) {
    const double* watched = numbers.watched[each];
    if (!(watched[0] >= 0) || watched[0] >= static_cast<double>(memory->watched.size())) return false;
    const Kept& words = memory->watched[static_cast<std::size_t>(watched[0])];
    if (!(watched[1] >= 0) || (watched[1] + 1) * sizeof(int32_t) > static_cast<double>(words.length)) return false;
    const char* word = words.bytes + static_cast<std::size_t>(watched[1]) * sizeof(int32_t);
    answer.watches[each] = {reinterpret_cast<const std::atomic<int32_t>*>(word), static_cast<int32_t>(watched[2])};
  }
  return true;
}

// `extents`: pairs of numbers.
bool readFile(const Numbers& numbers, const Kept& extents, Answer& answer) {
  if (numbers.file < 0) return true;
  answer.file = current->files().find(numbers.file);
  if (answer.file == nullptr || extents.store == nullptr) return false;
  answer.bodyBytes = static_cast<std::size_t>(numbers.bodyBytes);
  const double* values = reinterpret_cast<const double*>(extents.bytes);
  uint64_t bytes = 0;
  for (std::size_t at = 0; (at + 2) * sizeof(double) <= extents.length; at += 2) {
    answer.extents.push_back({static_cast<uint64_t>(values[at]), static_cast<uint64_t>(values[at + 1])});
    bytes += answer.extents.back().bytes;
  }
  return bytes == answer.bodyBytes && bytes > 0;
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

void teach(const Info& info) {
  info.GetReturnValue().Set(-1);
  const Kept kept = keep(info[0]);
  const Kept beforeAge = keep(info[1]);
  const Kept afterAge = keep(info[2]);
  const Kept body = keep(info[3]);
  const Kept line = keep(info[4]);
  if (current == nullptr || kept.length < sizeof(Numbers)) return;
  if (beforeAge.store == nullptr || afterAge.store == nullptr || body.store == nullptr || line.store == nullptr) return;
  const Numbers& numbers = *reinterpret_cast<const Numbers*>(kept.bytes);
  Lesson lesson{{beforeAge.length, beforeAge.bytes}, {afterAge.length, afterAge.bytes}, {line.length, line.bytes}, {}};
  Answer& answer = lesson.answer;
  answer.fromMs = numbers.fromMs;
  answer.untilMs = numbers.untilMs;
  answer.bornAtMs = numbers.bornAtMs;
  answer.freshUntilMs = numbers.freshUntilMs;
  answer.body = body.bytes;
  answer.bodyBytes = body.length;
  answer.owner = body.store;
  if (!readFile(numbers, keep(info[5]), answer)) return;
  answer.absent = static_cast<uint32_t>(numbers.absent);
  if (!readTally(numbers, answer.tally) || !readWatches(numbers, answer)) return;
  info.GetReturnValue().Set(static_cast<double>(current->teach(numbers.token, lesson)));
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
