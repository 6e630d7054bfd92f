// Structured log lines on stderr in the form that Terraform's plugin client
// parses (one JSON object each, keys @level, @message, @timestamp, @module).
//
// Nothing is written unless TF_LOG_PROVIDER_<NAME> (SetLogName),
// TF_LOG_PROVIDER or TF_LOG asks for the level. Never pass bodies or attribute
// values.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace base {

enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError, kOff };

using LogField = std::pair<absl::string_view, absl::string_view>;

// Thread-safe; lines never interleave. Messages and fields pass the filter and
// Printable().
void Log(LogLevel level, absl::string_view message,
         std::initializer_list<LogField> fields = {});

// The program's variable, which goes before the others, is TF_LOG_PROVIDER_ and
// `name` in upper case with "_" for "-". Call it before other threads start:
// it reads the environment.
void SetLogName(absl::string_view name);

// From now on takes secrets out of what is logged; null for nothing. Called
// from any thread.
void SetLogFilter(std::function<std::string(absl::string_view)> hide);

bool LogEnabled(LogLevel level);

}  // namespace base
