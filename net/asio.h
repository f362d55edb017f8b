// The few words of Asio that every room may say. Beast and TLS stay inside net/*.cc.

#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace waypost {

namespace asio = boost::asio;

template <class T>
using awaitable = asio::awaitable<T>;

// `auto [error, n] = co_await socket.async_read_some(buffer, kToken);`
inline constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

}  // namespace waypost
