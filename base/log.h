// Structured log lines on stderr in the form that Terraform's plugin client
// parses (one JSON object each, keys @level, @message, @timestamp, @module).
//
// Nothing is written unless TF_LOG_PROVIDER_WANDB, TF_LOG_PROVIDER or TF_LOG
// asks for the level. Never pass bodies, headers or attribute values.
#pragma once

#include <initializer_list>
#include <utility>

#include "absl/strings/string_view.h"

namespace base {

enum class LogLevel { kTrace, kDebug, kInfo, kWarn, kError, kOff };

using LogField = std::pair<absl::string_view, absl::string_view>;

// Thread-safe; lines never interleave. Invalid UTF-8 is replaced.
void Log(LogLevel level, absl::string_view message,
         std::initializer_list<LogField> fields = {});

bool LogEnabled(LogLevel level);

}  // namespace base
