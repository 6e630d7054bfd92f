// Which release of the channel an instance runs. The System Console keeps that
// choice among the values of the user input, where the operator looks for it
// (operator v1.22.0): a text at the key `_releaseId` is the id of the release
// that it asks the channel for, in place of the newest one. It is merged like
// any other value, too.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "base/json.h"
#include "wandb/spec/spec.h"

namespace wandb {

inline constexpr char kPinKey[] = "_releaseId";

// The release that `values`, of the user input, pin. What is no text pins
// nothing.
std::optional<std::string> PinnedRelease(const base::Json& values);

// Which release `channel` is, or "" where it does not say so.
std::string ReleaseIdOf(const SpecLayer& channel);

// `values` with that pin, or without one.
base::Json WithPin(base::Json values, const std::optional<std::string>& pin);

// The same of `text`, the values as a Secret has them, which ParseSpecSecret()
// takes. All else of it stays byte by byte, since numbers would not outlive
// being read and written.
std::string TextWithPin(absl::string_view text,
                        const std::optional<std::string>& pin);

}  // namespace wandb
