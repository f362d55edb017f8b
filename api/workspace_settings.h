// A workspace's settings as a PATCH gives them: {"settings": {"optOut": {…}}}. Each key is set as a whole; null takes
// it back to its default. One request's; its own loop.

#pragma once

#include "api/input.h"

namespace waypost::api {

// What is to be set, with what is missing left out; an empty object when the request sets nothing. Complaints name the
// field by its path ("settings.optOut.languages.0"). A setting that does not exist is a complaint too.
Json read_settings(Input& input);

}  // namespace waypost::api
