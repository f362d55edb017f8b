// Everything in which the two engines differ for code above sql/. One text runs on both; what cannot is a word here.
// Any thread, but for what takes a Connection.
//
// | SQLite                                            | PostgreSQL                                                   |
// |---------------------------------------------------|--------------------------------------------------------------|
// | one write lane: what a unit reads, nobody changes | several: a row that is read and then written is locked first |
// | a writer waits for no row                         | locks are waited for 100 ms, then it is Contention           |
// | a failed statement is undone, the unit goes on    | the unit can only end, or undo a savepoint around it         |
// | NUL in a text is stored                           | a Data fault                                                 |
// | JSON is kept as it was written                    | keys are ordered anew, of equal keys the last one stays      |
// | a table's type is a wish, but for STRICT          | sum() of bigint is no bigint: CAST(sum(x) AS bigint)         |
// | a boolean is a number                             | WHERE flag, never flag = 1                                   |
// | any word may be a name                            | some, user, window and others are reserved                   |
// | INSERT … SELECT … ON CONFLICT needs WHERE true    | does not                                                     |
// | Connection::insert inserts at once                | may wait for others of the batch, and goes with them by COPY |
// | no arrays                                         | Value::array, for unnest($1) and what is asked of many       |
// | NULL sorts first                                  | last: say NULLS FIRST or LAST                                |

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sql/connection.h"
#include "sql/engine.h"

namespace waypost::sql {

// DDL: a migration is written once, with these in braces: {uuid} {bigint} {json} {bytes} {boolean} {text}, {identity}
// for a number that the engine gives each row and never again; and the suffix behind CREATE TABLE (…): {table} for
// small rows, kept in their key's order; {heap} for rows that may be longer than 1 kB, kept in the order they came;
// {passing} for a heap whose rows soon go again. In SQLite a longer row of the first kind takes a page of its own.
// Throws std::logic_error when a word is none of them.
std::string in_dialect(Engine engine, std::string_view ddl);

// The end of a SELECT whose rows the transaction is going to change: others wait for them. Nothing on SQLite, whose
// write lane is alone.
std::string_view for_update(Engine engine);
// The same for a queue: rows that another transaction has in hand are left out.
std::string_view skip_locked(Engine engine);

// What a lock by number is about. Two locks are one when kind and key are equal.
enum class LockKind : std::uint8_t { Schema = 1, ParkedStatus = 2 };

// Until the transaction ends, no other one on this store holds this lock. Nothing on SQLite. Throws Fault: Contention
// when it cannot be had within 30 ms. Batches take several of them in any order, so that they often stand in each
// other's way in a circle, and PostgreSQL looks for circles only after a second.
void lock_until_commit(Connection& connection, LockKind kind, std::uint64_t key);

// For migrations: waits up to ten minutes until no other node migrates, keeps others from it until the transaction
// ends, and lets its statements take an hour each. Nothing on SQLite. Throws Fault.
void lock_schema(Connection& connection);

}  // namespace waypost::sql
