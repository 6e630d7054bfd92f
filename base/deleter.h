// std::unique_ptr for what a C library frees by a function.
#pragma once

namespace base {

// std::unique_ptr<X509, base::Deleter<X509_free>>
template <auto free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};

}  // namespace base
