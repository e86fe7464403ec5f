//! The one place where requests leave and answers come in.

use crate::{
    Client, Error, ErrorKind, Response,
    argument::{self, Refused},
    error::Answer,
    operation::{self, Operation},
};
use reqwest::{
    Request, StatusCode,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue},
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The two ways to send a call; everything that is sent goes through [`call`].
macro_rules! send {
    ($operation:ident -> $answer:ty) => {
        /// Sends the call and returns what the server answered.
        ///
        /// # Errors
        /// Any [`Error`](crate::Error); nothing is sent if an argument is missing or unusable.
        pub async fn send(self) -> Result<$answer, crate::Error> {
            self.send_response().await.map(crate::Response::into_value)
        }

        /// Like [`send`](Self::send), with the answer's status and headers.
        ///
        /// # Errors
        /// As for [`send`](Self::send).
        pub async fn send_response(self) -> Result<crate::Response<$answer>, crate::Error> {
            crate::transport::call(&crate::operation::$operation, self.request()).await
        }
    };
}

pub(crate) async fn call<T: DeserializeOwned>(
    operation: &'static Operation,
    request: argument::Request,
) -> Result<Response<T>, Error> {
    let result = match request {
        Ok((client, request)) => Box::pin(exchange(client, operation, request)).await,
        Err(Refused::Argument(reason)) => {
            Err(Error::new(ErrorKind::Argument, reason).with_operation(operation, 0))
        }
        Err(Refused::Request(e)) => Err(Error::new(ErrorKind::Argument, "")
            .with_source(e)
            .with_operation(operation, 0)),
    };
    let (status, headers, body) = result?;
    decode(operation, status, headers, body).map_err(|e| e.with_operation(operation, 1))
}

async fn exchange(
    client: Client,
    operation: &'static Operation,
    mut request: Request,
) -> Result<(StatusCode, HeaderMap, Vec<u8>), Error> {
    let authorization = client
        .credentials()
        .header(operation.auth)
        .map_err(|remedy| {
            Error::new(ErrorKind::Credentials, remedy).with_operation(operation, 0)
        })?;
    request.headers_mut().insert(AUTHORIZATION, authorization);
    request
        .headers_mut()
        .insert(ACCEPT, HeaderValue::from_static("application/json"));
    let response = client
        .http()
        .execute(request)
        .await
        .map_err(|e| broken(e).with_operation(operation, 1))?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response
        .bytes()
        .await
        .map_err(|e| broken(e).with_operation(operation, 1))?
        .to_vec();
    if status.is_success() {
        Ok((status, headers, body))
    } else {
        Err(Error::of_answer(answer(status, headers, body)).with_operation(operation, 1))
    }
}

fn broken(error: reqwest::Error) -> Error {
    let error = error.without_url();
    if error.is_connect() {
        return Error::new(ErrorKind::Connect, "").with_source(error);
    }
    let kind = if error.is_timeout() {
        ErrorKind::Timeout
    } else {
        ErrorKind::Connection
    };
    Error::new(kind, "").with_source(error).maybe_sent()
}

fn answer(status: StatusCode, headers: HeaderMap, body: Vec<u8>) -> Answer {
    let json: Value = serde_json::from_slice(&body).unwrap_or_default();
    let message = match json["error"].as_str() {
        Some(message) => Some(message.to_string()),
        None => Some(String::from_utf8_lossy(&body).trim().to_string()).filter(|m| !m.is_empty()),
    };
    Answer {
        status,
        headers,
        code: json["code"].as_i64(),
        message,
        body,
    }
}

fn decode<T: DeserializeOwned>(
    operation: &Operation,
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
) -> Result<Response<T>, Error> {
    let blank = body.iter().all(u8::is_ascii_whitespace);
    let bytes: &[u8] = match operation.answer {
        operation::Answer::Empty => b"null",
        operation::Answer::Unknown if blank => b"{}",
        _ => &body,
    };
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok(Response::new(value, status, headers)),
        Err(_) => {
            // Only now is the place asked for: it would cost every call a good deal.
            let mut deserializer = serde_json::Deserializer::from_slice(bytes);
            let detail = match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
                Err(e) => format!("at `{}`: {}", e.path(), e.inner()),
                Ok(_) => "text after the value".into(),
            };
            let answer = Answer {
                status,
                headers,
                body,
                code: None,
                message: None,
            };
            Err(Error::new(ErrorKind::Decode, detail).with_answer(answer))
        }
    }
}
