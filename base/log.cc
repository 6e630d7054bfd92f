#include "base/log.h"

#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/environment.h"
#include "base/json.h"
#include "base/never_destroyed.h"
#include "base/printable.h"

namespace base {
namespace {

constexpr char kVariable[] = "TF_LOG_PROVIDER";

// By the first of `names` that is set.
LogLevel LevelFromEnvironment(std::initializer_list<std::string> names) {
  for (const std::string& name : names) {
    const std::string value = EnvironmentVariableOrEmpty(name);
    if (value.empty()) continue;
    const std::string level = absl::AsciiStrToUpper(value);
    if (level == "TRACE" || level == "JSON") return LogLevel::kTrace;
    if (level == "DEBUG") return LogLevel::kDebug;
    if (level == "INFO") return LogLevel::kInfo;
    if (level == "WARN") return LogLevel::kWarn;
    if (level == "ERROR") return LogLevel::kError;
    return LogLevel::kOff;
  }
  return LogLevel::kOff;
}

std::atomic<LogLevel>& Threshold() {
  static std::atomic<LogLevel> level =
      LevelFromEnvironment({kVariable, "TF_LOG"});
  return level;
}

absl::string_view Name(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace:
      return "trace";
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
    case LogLevel::kOff:
      break;
  }
  return "error";
}

using Filter = std::function<std::string(absl::string_view)>;

struct TheFilter {
  absl::Mutex mutex;
  std::shared_ptr<const Filter> hide;
};

TheFilter& Filtering() {
  // Outlives all threads.
  static base::NeverDestroyed<TheFilter> kFilter;
  return *kFilter;
}

std::string Shown(absl::string_view text) {
  std::shared_ptr<const Filter> hide;
  {
    absl::MutexLock lock(&Filtering().mutex);
    hide = Filtering().hide;
  }
  return Printable(hide == nullptr ? std::string(text) : (*hide)(text));
}

}  // namespace

void SetLogName(absl::string_view name) {
  const std::string suffix =
      absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"-", "_"}}));
  Threshold() = LevelFromEnvironment(
      {absl::StrCat(kVariable, "_", suffix), kVariable, "TF_LOG"});
}

void SetLogFilter(Filter hide) {
  absl::MutexLock lock(&Filtering().mutex);
  Filtering().hide =
      hide ? std::make_shared<const Filter>(std::move(hide)) : nullptr;
}

bool LogEnabled(LogLevel level) {
  return level >= Threshold().load() && level != LogLevel::kOff;
}

void Log(LogLevel level, absl::string_view message,
         std::initializer_list<LogField> fields) {
  if (!LogEnabled(level)) return;
  Json line = Json::object();
  for (const auto& [key, value] : fields) {
    line[std::string(key)] = Shown(value);
  }
  line["@level"] = std::string(Name(level));
  line["@message"] = Shown(message);
  line["@module"] = "provider";
  line["@timestamp"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(),
                                        absl::UTCTimeZone());
  std::string text = DumpJson(line);
  text.push_back('\n');
  static absl::Mutex mutex(absl::kConstInit);
  absl::MutexLock lock(&mutex);
  for (size_t done = 0; done < text.size();) {
    const ssize_t n =
        ::write(STDERR_FILENO, text.data() + done, text.size() - done);
    if (n <= 0) return;  // There is nowhere left to report it.
    done += static_cast<size_t>(n);
  }
}

}  // namespace base
