// Calls a function about every millisecond, while it is wanted. No V8 in here.
#pragma once

#include <uv.h>

namespace replay {

class Timer {
 public:
  // The loop outlives it.
  void begin(uv_loop_t* loop, void (*call)()) {
    if (call_ != nullptr) return;
    call_ = call;
    uv_timer_init(loop, &timer_);
    timer_.data = this;
    uv_unref(reinterpret_cast<uv_handle_t*>(&timer_));
  }
  void start() {
    if (call_ != nullptr) uv_timer_start(&timer_, called, 1, 1);
  }
  void stop() {
    if (call_ != nullptr) uv_timer_stop(&timer_);
  }

 private:
  static void called(uv_timer_t* timer) { static_cast<Timer*>(timer->data)->call_(); }

  uv_timer_t timer_;
  void (*call_)() = nullptr;
};

}  // namespace replay
