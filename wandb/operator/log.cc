#include "wandb/operator/log.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "base/json.h"

namespace wandb {
namespace {

using base::Json;

const absl::Time kNoTime =
    absl::FromCivil(absl::CivilYear(10'000), absl::UTCTimeZone());

std::string Text(const Json& entry, const char* pointer) {
  return base::StringAt(entry, pointer).value_or("");
}

// Zap writes seconds since 1970, unless it is told to write a date.
std::string TimeOf(const Json& entry) {
  const Json* ts = base::Find(entry, "/ts");
  if (ts == nullptr) return "";
  if (const auto* text = ts->get_ptr<const std::string*>()) return *text;
  if (!ts->is_number()) return "";
  const absl::Time time = absl::UnixEpoch() + absl::Seconds(ts->get<double>());
  // Any number is one of JSON, but not each one a time.
  if (time < absl::UnixEpoch() || time >= kNoTime) return "";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

// Whether the entry names another instance.
bool IsOfAnother(const Json& entry, absl::string_view ns,
                 absl::string_view name) {
  const std::string object =
      Text(entry, "/WeightsAndBiases/name").empty() ? "" : "/WeightsAndBiases";
  const std::string its_name =
      Text(entry, absl::StrCat(object, "/name").c_str());
  const std::string its_ns =
      Text(entry, absl::StrCat(object, "/namespace").c_str());
  if (its_name.empty() || its_ns.empty()) return false;
  return its_name != name || its_ns != ns;
}

std::optional<OperatorError> FromEntry(const Json& entry, absl::string_view ns,
                                       absl::string_view name) {
  const std::string level = absl::AsciiStrToLower(Text(entry, "/level"));
  std::string error = Text(entry, "/error");
  if (error.empty()) error = Text(entry, "/panic");
  const bool is_error = level == "error" || level == "dpanic" ||
                        level == "panic" || level == "fatal" || !error.empty();
  if (!is_error || IsOfAnother(entry, ns, name)) return std::nullopt;
  return OperatorError{.time = TimeOf(entry),
                       .message = Text(entry, "/msg"),
                       .error = std::move(error)};
}

// A line that is no JSON: of the Go runtime, or of a library.
std::optional<OperatorError> FromText(absl::string_view line) {
  const std::string lower = absl::AsciiStrToLower(line);
  const bool speaks =
      absl::StrContains(lower, "error") || absl::StrContains(lower, "panic");
  const bool frame =
      absl::ascii_isspace(static_cast<unsigned char>(line[0])) ||
      !absl::StrContains(line, ' ') || absl::StartsWith(line, "created by ") ||
      absl::StartsWith(line, "goroutine ") || absl::StartsWith(line, "panic(");
  // What begins like JSON and is none was cut off; it may hold anything.
  if (!speaks || frame || line[0] == '{') return std::nullopt;
  return OperatorError{.message = std::string(line)};
}

// More of them are compared with each other for too long.
constexpr int kMostLines = 1000;

absl::string_view LastLines(absl::string_view log) {
  size_t at = log.size();
  for (int lines = 0; lines <= kMostLines; ++lines) {
    at = at == 0 ? absl::string_view::npos : log.rfind('\n', at - 1);
    if (at == absl::string_view::npos) return log;
  }
  return log.substr(at + 1);
}

}  // namespace

std::vector<OperatorError> OperatorErrors(absl::string_view log,
                                          absl::string_view ns,
                                          absl::string_view name) {
  std::vector<OperatorError> found;
  log = LastLines(log);
  for (const absl::string_view line :
       absl::StrSplit(log, '\n', absl::SkipEmpty())) {
    const auto entry = base::ParseJson(line, "log line");
    auto error = entry.ok() && entry->is_object() ? FromEntry(*entry, ns, name)
                                                  : FromText(line);
    if (!error.has_value()) continue;
    const auto same = std::find_if(found.begin(), found.end(),
                                   [&](const OperatorError& earlier) {
                                     return earlier.message == error->message &&
                                            earlier.error == error->error;
                                   });
    if (same != found.end()) {
      error->count = same->count + 1;
      found.erase(same);
    }
    found.push_back(*std::move(error));
  }
  return found;
}

}  // namespace wandb
