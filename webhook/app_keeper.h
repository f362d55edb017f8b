// AppKeeper: keeps the directory of webhook apps as the store has it, whichever node changed it: looks every ten
// seconds, and when somebody asks (a signature or a verify token that does not fit, an app nobody knows), at most once
// a second. A thread of its own, which may block: it also writes the directory's mirror.

#pragma once

#include <stop_token>
#include <thread>

#include "sql/database.h"
#include "webhook/app_directory.h"

namespace waypost {

class AppKeeper {
 public:
  // Directory and database outlive it.
  AppKeeper(AppDirectory& directory, sql::Database& database, AppDirectory::Pauses pauses = {})
      : directory_(directory),
        database_(database),
        pauses_(pauses),
        thread_([this](const std::stop_token& stop) { run(stop); }) {}
  AppKeeper(const AppKeeper&) = delete;
  AppKeeper& operator=(const AppKeeper&) = delete;
  // Ends after the look in progress.
  ~AppKeeper() = default;

 private:
  void run(const std::stop_token& stop);
  void look();

  AppDirectory& directory_;
  sql::Database& database_;
  const AppDirectory::Pauses pauses_;
  bool failed_ = false;  // thread's: the last look
  std::jthread thread_;
};

}  // namespace waypost
