#pragma once

#include <new>
#include <utility>

namespace base {

// A value that is made once and never destroyed: for tables in static variables
// of functions, which others may still ask while the program ends.
//
//   static const NeverDestroyed<Table> kTable(MakeTable());
//   return kTable->Find(key);
template <typename T>
class NeverDestroyed {
 public:
  template <typename... Args>
  explicit NeverDestroyed(Args&&... args) {
    ::new (static_cast<void*>(room_)) T(std::forward<Args>(args)...);
  }
  NeverDestroyed(const NeverDestroyed&) = delete;
  NeverDestroyed& operator=(const NeverDestroyed&) = delete;

  T& operator*() { return *Get(); }
  T* operator->() { return Get(); }
  const T& operator*() const { return *Get(); }
  const T* operator->() const { return Get(); }

 private:
  T* Get() { return std::launder(reinterpret_cast<T*>(room_)); }
  const T* Get() const {
    return std::launder(reinterpret_cast<const T*>(room_));
  }

  alignas(T) unsigned char room_[sizeof(T)];
};

}  // namespace base
