// Files that bodies are sent out of by the kernel, without coming into this process. Who keeps them open is JavaScript. No V8
// in here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

namespace replay {

// A part of a body: where in the file it is, and how long.
struct Extent {
  uint64_t at;
  uint64_t bytes;
};

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { leave(); }

  int fd() const { return fd_; }
  bool isGone() const { return fd_ < 0; }
  // Answers that are being sent out of it.
  int senders = 0;
  // None is begun any more.
  bool isLeaving = false;

  // Whether memory has this part: reading it will not wait for the disk.
  bool isCached(const Extent& part);
  // Has the disk bring it.
  void bring(const Extent& part) const;
  // One byte of what is cached; nullptr when it cannot be had.
  const char* byteAt(uint64_t at);
  // Its descriptor is closed by whoever gave it.
  void leave();

 private:
  bool mapTo(uint64_t end);

  int fd_;
  char* map_ = nullptr;
  uint64_t mapBytes_ = 0;
};

class Files {
 public:
  void add(double id, int fd) { files_[static_cast<uint64_t>(id)] = std::make_shared<File>(fd); }
  // Null when it is not there, or leaving.
  std::shared_ptr<File> find(double id) const;
  // None is sent out of it any more but what was begun: returns how many those are. At 0 it is gone.
  int leave(double id);
  const File* leaving(double id) const;
  void clear();

 private:
  std::unordered_map<uint64_t, std::shared_ptr<File>> files_;
};

}  // namespace replay
