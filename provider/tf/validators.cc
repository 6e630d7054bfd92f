#include "provider/tf/validators.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/url.h"

namespace tf {
namespace {

constexpr char kInvalid[] = "Invalid attribute value";

// A validator for strings from a predicate; `expected` completes "must be …".
Validator StringRule(std::string expected,
                     std::function<bool(const std::string&)> holds) {
  return
      [expected = std::move(expected), holds = std::move(holds)](
          const cty::Value& value, const cty::Path& path, Diagnostics& diags) {
        if (holds(value.AsString())) return;
        // The value itself is not repeated: it may be a secret in the wrong
        // place.
        diags.AddError(path, kInvalid,
                       absl::StrCat("Attribute ", path.ToString(), " must be ",
                                    expected, "."));
      };
}

bool IsDnsLabel(const std::string& text, size_t max_length) {
  const auto inner = [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
  };
  return !text.empty() && text.size() <= max_length && text.front() != '-' &&
         text.back() != '-' && std::all_of(text.begin(), text.end(), inner);
}

}  // namespace

Validator NotEmpty() {
  return StringRule("a non-empty string",
                    [](const std::string& text) { return !text.empty(); });
}

Validator OneOf(std::vector<std::string> allowed) {
  std::string expected =
      absl::StrCat("one of \"", absl::StrJoin(allowed, "\", \""), "\"");
  return StringRule(std::move(expected), [allowed = std::move(allowed)](
                                             const std::string& text) {
    return std::find(allowed.begin(), allowed.end(), text) != allowed.end();
  });
}

Validator DnsLabel(size_t max_length) {
  return StringRule(
      absl::StrCat("at most ", max_length,
                   " lower-case letters, digits and hyphens, starting and "
                   "ending with a letter or digit"),
      [max_length](const std::string& text) {
        return IsDnsLabel(text, max_length);
      });
}

Validator PositiveDuration() {
  return StringRule("a positive duration such as \"30s\", \"10m\" or \"1h15m\"",
                    [](const std::string& text) {
                      const auto duration = ParseDuration(text);
                      return duration.ok() && *duration > absl::ZeroDuration();
                    });
}

Validator HttpUrl() {
  return StringRule(
      "a URL that starts with http:// or https://",
      [](const std::string& text) { return base::IsHttpUrl(text); });
}

Validator Each(Validator validator) {
  return [validator = std::move(validator)](const cty::Value& value,
                                            const cty::Path& path,
                                            Diagnostics& diags) {
    const auto check = [&](const cty::Value& element, const cty::Path& at) {
      if (element.IsNull()) {
        diags.AddError(
            at, kInvalid,
            absl::StrCat("Element ", at.ToString(), " is null. Remove it."));
      } else if (element.IsKnown()) {
        validator(element, at, diags);
      }
    };
    if (value.type().kind() == cty::Type::Kind::kMap) {
      for (const auto& [key, element] : value.fields()) {
        check(element, path.Key(key));
      }
      return;
    }
    for (size_t i = 0; i < value.elements().size(); ++i) {
      check(value.elements()[i], path.Index(static_cast<int64_t>(i)));
    }
  };
}

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration) ||
      duration == absl::InfiniteDuration() ||
      duration == -absl::InfiniteDuration()) {
    return absl::InvalidArgumentError("not a duration");
  }
  return duration;
}

}  // namespace tf
