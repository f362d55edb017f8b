#include "sql/postgres_fault.h"

#include <gtest/gtest.h>

namespace waypost::sql {
namespace {

FaultKind kind_of(std::string_view sqlstate, SessionUse use = SessionUse::Write) {
  return postgres_fault({.sqlstate = sqlstate, .message = "words"}, "SELECT 1", use).kind();
}

TEST(PostgresFault, MeetingAnotherTransactionIsContention) {
  for (const char* sqlstate : {"40001", "40P01", "55P03"}) EXPECT_EQ(kind_of(sqlstate), FaultKind::Contention);
}

TEST(PostgresFault, AStatementAndItsDataAreTheUnits) {
  for (const char* sqlstate :
       {"22P02", "22021", "23503", "23505", "42601", "42P01", "21000", "25P02", "0A000", "08P01"}) {
    EXPECT_EQ(kind_of(sqlstate), FaultKind::Data) << sqlstate;
  }
}

TEST(PostgresFault, TheServersTroublesAreUnavailable) {
  for (const char* sqlstate :
       {"08006", "57P01", "57P03", "57014", "53300", "53100", "58030", "28P01", "3D000", "25P03"}) {
    EXPECT_EQ(kind_of(sqlstate), FaultKind::Unavailable) << sqlstate;
  }
}

TEST(PostgresFault, AServerThatOnlyReadsIsNoFaultOfAWriter) {
  EXPECT_EQ(kind_of("25006", SessionUse::Write), FaultKind::Unavailable);
  EXPECT_EQ(kind_of("25006", SessionUse::Read), FaultKind::Data);
}

TEST(PostgresFault, DamagedDataStopsTheLaneAndIsInternal) {
  const auto fault = postgres_fault({.sqlstate = "XX001", .message = "invalid page"}, "", SessionUse::Write);
  EXPECT_EQ(fault.kind(), FaultKind::Unavailable);
  EXPECT_EQ(fault.error().kind(), ErrorKind::Internal);
}

TEST(PostgresFault, ATakenKeyIsAConflictAndIsNamedWithoutItsValue) {
  const auto fault = postgres_fault({.sqlstate = "23505",
                                     .message = "duplicate key value \"secret\"",
                                     .table = "person",
                                     .constraint = "person_email_key"},
                                    "INSERT INTO person", SessionUse::Write);
  EXPECT_EQ(fault.error().kind(), ErrorKind::Conflict);
  EXPECT_STREQ(fault.what(), "SQLSTATE 23505, person_email_key in: INSERT INTO person");
}

TEST(PostgresFault, AValueThatCannotBeReadIsNotQuoted) {
  const auto fault = postgres_fault({.sqlstate = "22P02", .message = "invalid input syntax: \"secret\""}, "SELECT $1",
                                    SessionUse::Write);
  EXPECT_STREQ(fault.what(), "SQLSTATE 22P02 in: SELECT $1");
}

TEST(PostgresFault, WhatLibpqQuotesIsLeftOut) {
  EXPECT_EQ(
      without_quotes("connection to server at \"ss@db\" (10.0.0.1), port 5432 failed: Connection refused\n\tIs it?"),
      "connection to server at \"…\" (10.0.0.1), port 5432 failed: Connection refused");
  EXPECT_EQ(without_quotes("invalid integer value \"pa"), "invalid integer value \"…\"");
}

}  // namespace
}  // namespace waypost::sql
