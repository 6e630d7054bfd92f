// What a wait that fails is to its resource: an argument that all have.
#pragma once

#include <utility>

#include "absl/strings/string_view.h"
#include "provider/tf/codec.h"

namespace resources {

enum class WaitFailure {
  kError,
  kWarn,  // The object is kept with ready = false; the next apply waits again.
};

}  // namespace resources

template <>
struct tf::EnumNames<resources::WaitFailure> {
  static constexpr std::pair<resources::WaitFailure, absl::string_view>
      kNames[] = {{resources::WaitFailure::kError, "error"},
                  {resources::WaitFailure::kWarn, "warn"}};
};
