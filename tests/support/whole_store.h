// What must be true of a store at any time, whatever units have met. Test thread only.

#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "sql/database.h"

namespace waypost::test {

// What is wrong; empty when nothing is.
inline std::vector<std::string_view> wrongs_of(sql::Database& database) {
  using Wrong = std::pair<std::string_view, std::string_view>;
  static constexpr Wrong kWrongs[] = {
      {"a message is in a merged conversation",
       "SELECT 1 FROM message AS m JOIN conversation AS c ON c.id = m.conversation_id WHERE c.merged_into IS NOT NULL"},
      {"a message's conversation is gone",
       "SELECT 1 FROM message WHERE conversation_id NOT IN (SELECT id FROM conversation)"},
      {"a message is another contact's than its conversation",
       "SELECT 1 FROM message AS m JOIN conversation AS c ON c.id = m.conversation_id WHERE c.contact_id <> "
       "m.contact_id"},
      {"two messages have one place", "SELECT 1 FROM message GROUP BY conversation_id, seq HAVING count(*) > 1"},
      {"a message stands behind the end",
       "SELECT 1 FROM message AS m JOIN conversation AS c ON c.id = m.conversation_id WHERE m.seq >= c.next_seq"},
      {"a trigger's conversation is merged or gone",
       "SELECT 1 FROM run_trigger WHERE conversation_id NOT IN (SELECT id FROM conversation WHERE merged_into IS "
       "NULL)"},
      {"a run's conversation is merged or gone",
       "SELECT 1 FROM run WHERE conversation_id NOT IN (SELECT id FROM conversation WHERE merged_into IS NULL)"},
      {"a conversation's contact is merged or gone",
       "SELECT 1 FROM conversation WHERE merged_into IS NULL AND contact_id NOT IN (SELECT id FROM contact WHERE "
       "merged_into IS NULL)"},
      {"an alias' contact is merged or gone",
       "SELECT 1 FROM contact_alias WHERE contact_id NOT IN (SELECT id FROM contact WHERE merged_into IS NULL)"},
      {"a file's message is gone or in another conversation",
       "SELECT 1 FROM media AS m LEFT JOIN message AS g ON g.id = m.message_id WHERE g.id IS NULL OR g.conversation_id "
       "<> m.conversation_id"},
      {"a stored file may be deleted",
       "SELECT 1 FROM media AS m LEFT JOIN media_file AS f ON f.hash = m.hash WHERE m.state = 'stored' AND (f.hash IS "
       "NULL OR f.deleting)"},
      {"contacts are counted wrong",
       "SELECT 1 FROM tenant WHERE (SELECT count(*) FROM contact WHERE merged_into IS NULL) <> (SELECT "
       "COALESCE(sum(n), 0) FROM counter WHERE kind = 'contacts')"},
      {"conversations are counted wrong",
       "SELECT 1 FROM tenant WHERE (SELECT count(*) FROM conversation WHERE merged_into IS NULL) <> (SELECT "
       "COALESCE(sum(n), 0) FROM counter WHERE kind = 'conversations')"},
      {"runs are counted wrong",
       "SELECT 1 FROM tenant WHERE (SELECT count(*) FROM run) <> (SELECT COALESCE(sum(n), 0) FROM counter WHERE kind = "
       "'runs')"},
  };
  return database
      .read_and_wait([](sql::Connection& connection) {
        std::vector<std::string_view> wrongs;
        for (const auto& [words, text] : kWrongs) {
          if (!connection.run(text).empty()) wrongs.push_back(words);
        }
        return wrongs;
      })
      .value();
}

}  // namespace waypost::test
