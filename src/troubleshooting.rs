//! When things go wrong: what each failure means, and what to do.
//!
//! Every failure is an [`Error`](crate::Error) with a
//! [kind](crate::ErrorKind). First ask whether anything can have happened:
//! [`may_have_been_sent`](crate::Error::may_have_been_sent). If it is false,
//! nothing has left the machine. If it is true and the call was a write, read
//! the resource before you write again.
//!
//! | kind | usual cause | what to do |
//! |---|---|---|
//! | `Configuration` | an option of [`ClientBuilder`](crate::ClientBuilder) cannot be used; the text names it | correct it |
//! | `Argument` | an argument is missing, or would change the request's path | set it; check values that come from outside |
//! | `Credentials` | the call wants other credentials than the client has, or the provider failed | the text names the option of [`ClientBuilder`](crate::ClientBuilder) |
//! | `InvalidArgument` | a field has a value the API does not take; for filters also: there is no such filter | read the server's text; ask [`is_not_found`](crate::Error::is_not_found) |
//! | `Unauthenticated` | the token is wrong, revoked, or an install's that has outlived its hour | a new token, or a [token provider](crate::ClientBuilder::token_provider) |
//! | `PermissionDenied` | the token has the scope `workspace:read`, or belongs to another workspace; regulations want a workspace owner's | another token |
//! | `NotFound` | the resource is not in this workspace; the slug is misspelt; a Functions call was given the slug for the workspace's id | check the names |
//! | `AlreadyExists` | the slug is taken, or an earlier try of yours has created it | read it, then update it |
//! | `RateLimited` | more than 200 requests a minute, by all clients of the workspace together, for as long as the call may take; or the server asks for a longer wait ([`retry_after`](crate::Error::retry_after)) | a lower [rate limit](crate::ClientBuilder::rate_limit) for each process |
//! | `Internal` | code 13 here often means a resource whose parent has gone, or a schema configuration without a tracking plan, and then stays | check the parent; report it if it stays |
//! | `Unimplemented` | the API does not support the call | the document may be wrong about it |
//! | `Unavailable` | the service is down, or the proxy in front of it cannot get through (`upstream connect error … reset reason: …`) | try later |
//! | `Unroutable` | Envoy's `upstream connect error …` without a reason: the address leads to no service | check `base_url` |
//! | `Status` | something between you and the API answered: a proxy, a login page, a redirect, whose target the text names | look at [`status`](crate::Error::status), [`headers`](crate::Error::headers) and [`body`](crate::Error::body) |
//! | `Connect` | no network, wrong host, a proxy that refuses, a certificate that is not trusted, has expired or is another host's (the text says which); the last try sent nothing | check the address and the network; trust a certificate of your own with `root_certificate`; the source has the details |
//! | `Timeout` | a slow answer, a slow token provider, or no place within the [`queue_timeout`](crate::ClientBuilder::queue_timeout); the text says which | raise [`attempt_timeout`](crate::ClientBuilder::attempt_timeout) or [`call_timeout`](crate::ClientBuilder::call_timeout) |
//! | `Connection` | the connection broke before the answer was complete | read before you write again |
//! | `TooLarge` | an answer of more than 64 MiB | [`max_response_bytes`](crate::ClientBuilder::max_response_bytes) |
//! | `Decode` | the answer has another form than the document says (the text has the place), or an encoding that was not asked for | report it with the place; [`body`](crate::Error::body) has the answer |
//! | `RepeatedPageToken` | a fault of the server: the list would go in circles | list with another page size |
//! | `Ambiguous` | several resources have the display name or title that one was looked for by | the text names them: take one by its name or id, or give them titles of their own |
//!
//! # What is tried again
//!
//! See [`RetryPolicy`](crate::RetryPolicy). The error of the last real answer
//! is what you get, with the number of [attempts](crate::Error::attempts).
//!
//! # When calls seem to hang
//!
//! They wait for the rate limit: 1,000 sources, each got by a call of its own, take five and a half minutes at
//! the default limit of 200 a minute. The wait for the first try does not count towards
//! [`call_timeout`](crate::ClientBuilder::call_timeout) and ends only where
//! [`queue_timeout`](crate::ClientBuilder::queue_timeout) is set. Show it with
//! [`on_wait`](crate::ClientBuilder::on_wait).
//!
//! A server that floods its client with interim answers (`100 Continue`) holds it beyond its time limits: hyper
//! reads them in a loop that gives its thread back only now and then: half a minute later in a
//! debug build on a busy machine. No server that means well does it.
//!
//! # What is logged
//!
//! Each call is a [`tracing`](https://docs.rs/tracing) span, `segment_config_api.call` at debug level,
//! with operation, method, path template, status, attempts and the time that
//! was waited. Tries after a failure, and waits for the rate limit of more
//! than a second, are events at info level. Tokens, passwords, names, queries and bodies
//! are in none of them.
