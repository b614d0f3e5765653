//! Tokens for Amazon's registries, made through the AWS SDK: with the roles of a
//! service account or a pod, the environment, a profile or an instance. They die
//! after twelve hours; ours are renewed before.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use tokio::sync::Mutex;

use crate::data::base64;
use crate::error::{Error, Kind, Result};
use crate::registry::secret::Secret;

use super::Authorization;

/// A token is replaced this long before it dies.
const EARLY: Duration = Duration::from_secs(30 * 60);
/// How long one lives where the service does not say.
const USUAL: Duration = Duration::from_secs(12 * 3600);
/// The registry of public charts; its tokens are made in one region.
const PUBLIC: &str = "public.ecr.aws";
const PUBLIC_REGION: &str = "us-east-1";

/// The tokens of this process, by host.
#[derive(Debug, Default)]
pub struct Tokens(Mutex<HashMap<String, Token>>);

#[derive(Debug, Clone)]
struct Token {
    authorization: Authorization,
    renew: Instant,
}

/// Whether a host is an ECR registry: the whole name is looked at.
pub fn is_host(host: &str) -> bool {
    host == PUBLIC || region(host).is_some()
}

/// The region of `<account>.dkr.ecr[-fips].<region>.amazonaws.com[.cn]`.
fn region(host: &str) -> Option<&str> {
    let parts: Vec<&str> = host.split('.').collect();
    let (account, region) = match parts.as_slice() {
        [account, "dkr", "ecr" | "ecr-fips", region, "amazonaws", "com"]
        | [account, "dkr", "ecr", region, "amazonaws", "com", "cn"] => (account, region),
        _ => return None,
    };
    let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    (is_account && !region.is_empty() && region.bytes().all(fine)).then_some(region)
}

impl Tokens {
    /// The token for a host. Where the public registry gives none, `None`: it
    /// serves everybody.
    ///
    /// # Errors
    /// No AWS credentials, or the service's refusal.
    pub async fn token(&self, host: &str, deadline: Instant) -> Result<Option<Authorization>> {
        // Held while a token is made: the others wait for it.
        let mut tokens = self.0.lock().await;
        if let Some(token) = tokens.get(host).filter(|token| token.renew > Instant::now()) {
            return Ok(Some(token.authorization.clone()));
        }
        let made = tokio::time::timeout_at(deadline.into(), make(host)).await.unwrap_or_else(|_| {
            let message = format!("{host}: ECR gave no token before the deadline");
            Err(Error::new(Kind::Deadline, message))
        });
        match made {
            Ok(token) => {
                tokens.insert(host.to_owned(), token.clone());
                Ok(Some(token.authorization))
            }
            Err(e) if host == PUBLIC => {
                tracing::debug!(error = e.message.as_str(), "asking ECR public as nobody");
                Ok(None)
            }
            Err(e) => Err(e),
        }
    }

    /// Throws a token away.
    pub async fn forget(&self, host: &str) {
        self.0.lock().await.remove(host);
    }
}

async fn make(host: &str) -> Result<Token> {
    let region = region(host).unwrap_or(PUBLIC_REGION).to_owned();
    let config = aws_config::defaults(BehaviorVersion::latest()).region(Region::new(region)).load().await;
    let (text, expires) =
        if host == PUBLIC { public(&config).await? } else { private(&config, host).await? };
    let refused = || Error::new(Kind::Corrupt, format!("{host}: ECR's token cannot be read"));
    let pair = base64::decode(text.expose().as_bytes()).map_err(|_| refused())?;
    let pair = String::from_utf8(pair).map_err(|_| refused())?;
    let (user, password) = pair.split_once(':').ok_or_else(refused)?;
    // One that is dead already is not kept.
    let left = |at: SystemTime| at.duration_since(SystemTime::now()).unwrap_or_default();
    let life = expires.map_or(USUAL, left);
    Ok(Token {
        authorization: Authorization::Basic(user.to_owned(), Secret::new(password)),
        renew: Instant::now() + life.saturating_sub(EARLY).max(life / 2),
    })
}

type Made = (Secret, Option<SystemTime>);

async fn private(config: &SdkConfig, host: &str) -> Result<Made> {
    let answer = aws_sdk_ecr::Client::new(config).get_authorization_token().send().await;
    let answer = answer.map_err(|e| refusal(host, &aws_sdk_ecr::error::DisplayErrorContext(e)))?;
    let data = answer.authorization_data().first();
    let token = data.and_then(|data| data.authorization_token()).unwrap_or_default();
    let expires = data.and_then(|data| data.expires_at()).copied();
    Ok((Secret::new(token), expires.and_then(|at| SystemTime::try_from(at).ok())))
}

async fn public(config: &SdkConfig) -> Result<Made> {
    let answer = aws_sdk_ecrpublic::Client::new(config).get_authorization_token().send().await;
    let answer = answer.map_err(|e| refusal(PUBLIC, &aws_sdk_ecrpublic::error::DisplayErrorContext(e)))?;
    let data = answer.authorization_data();
    let token = data.and_then(|data| data.authorization_token()).unwrap_or_default();
    let expires = data.and_then(|data| data.expires_at()).copied();
    Ok((Secret::new(token), expires.and_then(|at| SystemTime::try_from(at).ok())))
}

/// The SDK's words, without what follows its first, readable part.
fn refusal(host: &str, error: &dyn std::fmt::Display) -> Error {
    let text = error.to_string();
    let text = text.split(" (").next().unwrap_or_default();
    let short: String = text.chars().take(500).collect();
    Error::new(Kind::Forbidden, format!("{host}: ECR gave no token: {short}"))
        .hint("the AWS SDK looks for a role of the service account or the pod, the environment, a profile, and the instance")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ecrs_own_hosts_are_ecr() {
        for (host, region_of) in [
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", Some("us-gov-west-1")),
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.com", None),
            ("evil.123456789012.dkr.ecr.eu-west-1.amazonaws.com", None),
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com.cn.evil", None),
            ("12345678901.dkr.ecr.eu-west-1.amazonaws.com", None),
            ("123456789012.dkr.ecr.evil/x.amazonaws.com", None),
            ("123456789012.dkr.ecr..amazonaws.com", None),
            ("public.ecr.aws.evil.com", None),
        ] {
            assert_eq!(region(host), region_of, "{host}");
            assert_eq!(is_host(host), region_of.is_some(), "{host}");
        }
        assert!(is_host("public.ecr.aws"));
    }
}
