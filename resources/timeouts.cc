#include "resources/timeouts.h"

#include "provider/tf/validators.h"

namespace resources {

const tf::Bindings<Timeouts>& Timeouts::Fields() {
  static const auto* const kFields = [] {
    const auto spec = [](const char* doc) {
      return tf::AttributeSpec{.doc = doc,
                               .example = "\"30m\"",
                               .validators = {tf::PositiveDuration()}};
    };
    return new tf::Bindings<Timeouts>{
        tf::Bind("create", &Timeouts::create,
                 spec("How long a create may take, waiting included.")),
        tf::Bind("update", &Timeouts::update,
                 spec("How long an update may take, waiting included.")),
        tf::Bind("delete", &Timeouts::del,
                 spec("How long a destroy may take.")),
    };
  }();
  return *kFields;
}

absl::Duration TimeoutOf(const tf::Attr<Timeouts>& timeouts,
                         tf::Attr<std::string> Timeouts::*operation,
                         absl::Duration fallback) {
  if (!timeouts.IsKnown()) return fallback;
  const tf::Attr<std::string>& text = timeouts.value().*operation;
  if (!text.IsKnown()) return fallback;
  return tf::ParseDuration(text.value()).value_or(fallback);
}

}  // namespace resources
