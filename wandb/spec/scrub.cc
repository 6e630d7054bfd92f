#include "wandb/spec/scrub.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/utf8.h"

namespace wandb {
namespace {

// The manager logs specifications under the keys "Spec", "spec" and "diff",
// and the first of them unmasked. The marks also fit JSON inside JSON.
bool CarriesSpec(absl::string_view line) {
  constexpr absl::string_view kMarks[] = {
      R"("spec":)", R"("spec" :)",  R"(\"spec\":)",
      R"("diff":)", R"(\"diff\":)", "processing the spec"};
  const std::string lower = absl::AsciiStrToLower(line);
  return std::any_of(
      std::begin(kMarks), std::end(kMarks),
      [&](absl::string_view mark) { return absl::StrContains(lower, mark); });
}

}  // namespace

Scrubber::Scrubber(const std::vector<std::string>& secrets)
    : redactor_(secrets) {}

void Scrubber::Add(const std::vector<std::string>& secrets) {
  redactor_.Add(secrets);
}

std::string Scrubber::Scrub(absl::string_view text) const {
  std::string result;
  bool first = true;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (CarriesSpec(line)) continue;
    if (!std::exchange(first, false)) result += '\n';
    absl::StrAppend(&result, line);
  }
  return redactor_.Redact(result);
}

std::string Scrubber::ScrubToLine(absl::string_view text,
                                  size_t max_bytes) const {
  if (CarriesSpec(text)) return "";
  // Both: joining lines changes shapes, too.
  return base::Shortened(
      redactor_.Redact(base::OneLine(redactor_.Redact(text))), max_bytes);
}

}  // namespace wandb
