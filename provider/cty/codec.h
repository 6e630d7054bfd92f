// The two encodings of a value: MessagePack (protocol messages) and JSON
// (state files). Rules: protocol 6, object wire format.
//
// Decoders read foreign bytes: any malformed input, wrong type or trailing
// bytes is kInvalidArgument, and depth above Type::kMaxDepth kOutOfRange, with
// the path of the value inside the document and never its content. Strings are
// normalised to NFC as core does. Depth is kOutOfRange for encoders, too.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "provider/cty/type.h"
#include "provider/cty/value.h"

namespace cty {

// An empty document is null of type `wanted`. Extensions of any kind are
// unknowns; refinements are dropped. Objects must have exactly the attributes
// of their type.
absl::StatusOr<Value> DecodeMsgpack(absl::string_view bytes,
                                    const Type& wanted);

// `value` must conform to `wanted` (kInvalidArgument otherwise). Unknowns are
// written plain, keys sorted.
absl::StatusOr<std::string> EncodeMsgpack(const Value& value,
                                          const Type& wanted);

struct DecodeJsonOptions {
  // State written by an older schema: attributes that `wanted` lacks are
  // ignored. Missing ones are null in any case.
  bool ignore_unknown_attributes = false;
};

// Numbers keep all their digits. Primitives are read as leniently as core
// reads them ("true" for a bool, a number for a string).
absl::StatusOr<Value> DecodeJson(absl::string_view text, const Type& wanted,
                                 const DecodeJsonOptions& options = {});

// Unknowns are kFailedPrecondition: JSON cannot say them.
absl::StatusOr<std::string> EncodeJson(const Value& value, const Type& wanted);

}  // namespace cty
