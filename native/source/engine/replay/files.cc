#include "files.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>

namespace replay {

namespace {

constexpr uint64_t pageBytes = 4096;
// What is asked about at once.
constexpr std::size_t pagesMax = 1024;

uint64_t roundedDown(uint64_t at) { return at & ~(pageBytes - 1); }

}  // namespace

bool File::mapTo(uint64_t end) {
  if (end <= mapBytes_) return true;
  // It may grow: address space costs nothing, and what is beyond its end is not touched.
  const uint64_t bytes = std::max<uint64_t>(end, uint64_t{256} << 20);
  void* map = mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd_, 0);
  if (map == MAP_FAILED) return false;
  if (map_ != nullptr) munmap(map_, mapBytes_);
  map_ = static_cast<char*>(map);
  mapBytes_ = bytes;
  return true;
}

bool File::isCached(const Extent& part) {
  if (!mapTo(part.at + part.bytes)) return false;
  unsigned char pages[pagesMax];
  uint64_t at = roundedDown(part.at);
  const uint64_t end = part.at + part.bytes;
  while (at < end) {
    const uint64_t bytes = std::min<uint64_t>(end - at, pagesMax * pageBytes);
    if (mincore(map_ + at, bytes, pages) != 0) return false;
    const uint64_t count = (bytes + pageBytes - 1) / pageBytes;
    for (uint64_t page = 0; page < count; ++page) {
      if ((pages[page] & 1) == 0) return false;
    }
    at += bytes;
  }
  return true;
}

void File::bring(const Extent& part) const {
  // What it cannot bring, whoever sends it will wait for: nothing else depends on it.
  (void)posix_fadvise(fd_, static_cast<off_t>(part.at), static_cast<off_t>(part.bytes), POSIX_FADV_WILLNEED);
}

const char* File::byteAt(uint64_t at) { return isCached({at, 1}) ? map_ + at : nullptr; }

void File::leave() {
  if (map_ != nullptr) munmap(map_, mapBytes_);
  map_ = nullptr;
  mapBytes_ = 0;
  fd_ = -1;
}

std::shared_ptr<File> Files::find(double id) const {
  const auto found = files_.find(static_cast<uint64_t>(id));
  return found == files_.end() || found->second->isLeaving ? nullptr : found->second;
}

int Files::leave(double id) {
  const auto found = files_.find(static_cast<uint64_t>(id));
  if (found == files_.end()) return 0;
  File& file = *found->second;
  file.isLeaving = true;
  if (file.senders > 0) return file.senders;
  file.leave();
  files_.erase(found);
  return 0;
}

const File* Files::leaving(double id) const {
  const auto found = files_.find(static_cast<uint64_t>(id));
  return found == files_.end() ? nullptr : found->second.get();
}

void Files::clear() {
  for (const auto& [id, file] : files_) file->leave();
  files_.clear();
}

}  // namespace replay
