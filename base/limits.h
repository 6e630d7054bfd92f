// How much foreign bytes may ask for, in one place: no text, reply or archive
// can take the stack or the memory of the process.
#pragma once

#include <cstddef>

namespace base {

// Lists and maps in each other. The protocol carries values of 128 levels; an
// API object has them below `spec.values`, and once more in managedFields.
constexpr size_t kMaxYamlDepth = 128;
constexpr size_t kMaxJsonDepth = 256;
// A stored state spells out the types of its values: two levels for each.
constexpr size_t kMaxStateDepth = 512;

// What the values of one JSON or YAML text may take in memory, about. Empty
// lists and maps take 20 times their text.
constexpr size_t kMaxTreeBytes = size_t{128} << 20;
constexpr size_t kMaxYamlBytes = size_t{8} << 20;

// Answers are read at the same time, so each may be only so long: etcd holds no
// object of more than a few MiB, and of a list a smaller page can be asked for.
constexpr size_t kMaxReplyBytes = size_t{8} << 20;
// kMaxTreeBytes of an object of the cluster, which is copied and compared, and
// of the part of a list that is read at once.
constexpr size_t kMaxObjectBytes = size_t{32} << 20;
constexpr size_t kMaxPageBytes = size_t{64} << 20;
// What is kept of all lists that are being read.
constexpr size_t kMaxListBytes = size_t{64} << 20;
// Of one list. The pages may be small or even empty, without an end.
constexpr int kMaxListPages = 1000;
constexpr size_t kMaxWatchEventBytes = size_t{8} << 20;
// Of an archive. A Secret has at most 1 MiB, which may say a thousand times as
// much.
constexpr size_t kMaxUnpackedBytes = size_t{32} << 20;

}  // namespace base
