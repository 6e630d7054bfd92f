// The `timeouts` block that all resources have.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "provider/tf/binding.h"

namespace resources {

struct Timeouts {
  tf::Attr<std::string> create, update, del;

  static const tf::Bindings<Timeouts>& Fields();
};

// The configured duration, or `fallback` when absent.
absl::Duration TimeoutOf(const tf::Attr<Timeouts>& timeouts,
                         tf::Attr<std::string> Timeouts::*operation,
                         absl::Duration fallback);

}  // namespace resources
