#include "provider/tf/exceptions.h"

#include <exception>
#include <new>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace tf {

absl::Status EndExceptions(const std::function<absl::Status()>& body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("out of memory");
  } catch (const std::system_error& e) {
    const bool lacking =
        e.code() == std::errc::resource_unavailable_try_again ||
        e.code() == std::errc::not_enough_memory;
    return lacking ? absl::ResourceExhaustedError(e.what())
                   : absl::InternalError(e.what());
  } catch (const std::exception& e) {
    return absl::InternalError(e.what());
  } catch (...) {
    return absl::InternalError("an exception without a text");
  }
}

std::string FailureText(const absl::Status& failure) {
  absl::string_view advice =
      "This is a bug in the provider: please report it with the message above.";
  if (absl::IsResourceExhausted(failure)) {
    advice =
        "This machine has no more memory or threads for the provider. Free "
        "some, or raise its limits (ulimit -v, ulimit -u), and run again.";
  } else if (absl::IsDataLoss(failure)) {
    advice =
        "The stored state does not fit this version of the provider. Was it "
        "edited by hand, or written by another version? Take the version that "
        "has written it, or a backup of the state.";
  } else if (absl::IsOutOfRange(failure)) {
    advice =
        "The plugin protocol carries values in at most 128 lists and maps, "
        "those that the provider adds included. Nest them less deeply.";
  }
  return absl::StrCat(failure.message(), "\n\n", advice);
}

}  // namespace tf
