#include "resources/instance/wait_progress.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log.h"

namespace resources {
namespace {

constexpr absl::Duration kEvery = absl::Seconds(10);

}  // namespace

void WaitProgress::Say(absl::string_view what, absl::string_view seen) {
  const absl::Time now = absl::Now();
  if (what == what_ && now < next_) return;
  what_ = std::string(what);
  next_ = now + kEvery;
  base::Log(base::LogLevel::kInfo, absl::StrCat("waiting for ", what),
            {{"instance", instance_}, {"seen", seen}});
}

}  // namespace resources
