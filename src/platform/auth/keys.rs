//! Key material: one file (mode 0600), made at the first start, shared by all processes of a
//! deployment.
//!
//! Signing and master keys carry an id; one of each is active, the older ones stay for verifying
//! and opening. The equality and token keys have no id: what they made is compared, not opened,
//! so they stay as long as the data does.

mod file;

use crate::kernel::text;
use crate::platform::auth::{hmac, random};
use crate::platform::config::ConfigError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// 32 random bytes that are wiped when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

impl Key {
    fn fresh() -> Self {
        Self(random())
    }
    /// The bytes, for the cipher.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(secret)")
    }
}
impl Serialize for Key {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        zeroize::Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0)).serialize(s)
    }
}
impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = zeroize::Zeroizing::new(String::deserialize(d)?);
        let refuse = || serde::de::Error::custom("a key is 32 bytes in base64url");
        let mut bytes = URL_SAFE_NO_PAD.decode(text.as_bytes()).map_err(|_| refuse())?;
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map(Self).map_err(|_| refuse());
        bytes.zeroize();
        // A key of one repeated byte was typed, not drawn.
        key.and_then(|k| if k.0.iter().all(|b| *b == k.0[0]) { Err(refuse()) } else { Ok(k) })
    }
}

/// A key and the name it goes by in what it made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedKey {
    /// 1 to 32 letters, digits and dashes.
    pub id: String,
    pub(crate) key: Key,
}

impl NamedKey {
    fn fresh(kind: &str) -> Self {
        let id = text::hex(&random::<6>());
        Self { id: format!("{kind}-{id}"), key: Key::fresh() }
    }
}

/// Keys of one purpose; the first is the active one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ring(Vec<NamedKey>);

impl Ring {
    fn active(&self) -> &NamedKey {
        self.0.first().expect("invariant: a checked ring holds at least one key")
    }
    fn ids(&self) -> Vec<String> {
        self.0.iter().map(|key| key.id.clone()).collect()
    }
    fn get(&self, id: &str) -> Option<&NamedKey> {
        self.0.iter().find(|k| k.id == id)
    }
    fn check(&self, name: &str) -> Result<(), String> {
        let well_named = |k: &NamedKey| {
            (1..=32).contains(&k.id.len())
                && k.id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let twice = |i: usize, k: &NamedKey| self.0[..i].iter().any(|o| o.id == k.id);
        if self.0.is_empty() {
            Err(format!("{name} holds no key"))
        } else if !self.0.iter().all(well_named) {
            Err(format!("an id in {name} is not 1 to 32 letters, digits and dashes"))
        } else if self.0.iter().enumerate().any(|(i, k)| twice(i, k)) {
            Err(format!("two keys in {name} have the same id"))
        } else {
            Ok(())
        }
    }
}

/// What the file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Material {
    version: u32,
    signing: Ring,
    master: Ring,
    equality: Key,
    tokens: Key,
}

impl Material {
    fn fresh() -> Self {
        Self {
            version: 1,
            signing: Ring(vec![NamedKey::fresh("s")]),
            master: Ring(vec![NamedKey::fresh("m")]),
            equality: Key::fresh(),
            tokens: Key::fresh(),
        }
    }
    fn check(&self) -> Result<(), String> {
        if self.version != 1 {
            return Err(format!("version {} is not known; this program knows 1", self.version));
        }
        self.signing.check("signing")?;
        self.master.check("master")
    }
}

/// The keys. Clones share one set, so that a rotation reaches all of them.
#[derive(Clone)]
pub struct Keys(Arc<Shared>);

struct Shared {
    path: Option<PathBuf>,
    loaded: RwLock<Loaded>,
}
struct Loaded {
    material: Arc<Material>,
    stamp: Option<file::Stamp>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("path", &self.0.path).finish_non_exhaustive()
    }
}

impl Keys {
    /// Reads the key file, and makes it first where it is absent and `create` allows it.
    ///
    /// # Errors
    /// When the file is absent, unreadable, damaged, or open to group or others.
    pub fn load(path: &Path, create: bool) -> Result<Self, ConfigError> {
        let say = |e: String| ConfigError(vec![format!("auth.keys_file: {}: {e}", path.display())]);
        if create {
            file::create(path, &Material::fresh()).map_err(say)?;
        }
        let (material, stamp) = file::read(path).map_err(say)?;
        let loaded = Loaded { material: Arc::new(material), stamp: Some(stamp) };
        Ok(Self(Arc::new(Shared { path: Some(path.to_owned()), loaded: RwLock::new(loaded) })))
    }
    /// Random keys that are kept nowhere, for tests and for what neither signs, seals nor opens.
    pub fn ephemeral() -> Self {
        let loaded = Loaded { material: Arc::new(Material::fresh()), stamp: None };
        Self(Arc::new(Shared { path: None, loaded: RwLock::new(loaded) }))
    }
    /// Makes a new signing and a new master key the active ones, in the file at `path`. Running
    /// processes pick it up by [`Keys::reload`], or when they meet a key id that they don't know.
    /// Returns the ids of the new signing and master keys.
    ///
    /// # Errors
    /// As [`Keys::load`], and when the file cannot be replaced.
    pub fn rotate(path: &Path) -> Result<(String, String), ConfigError> {
        let say = |e: String| ConfigError(vec![format!("auth.keys_file: {}: {e}", path.display())]);
        let rotated = |material: Material| Ok(material.rotated());
        let material = file::change(path, rotated).map_err(say)?;
        Ok((material.signing.active().id.clone(), material.master.active().id.clone()))
    }
    /// Takes a key that nothing needs any more out of the file at `path`. What was made with it can
    /// never be verified or opened again.
    ///
    /// # Errors
    /// As [`Keys::rotate`], and for the active keys and unknown ids.
    pub fn retire(path: &Path, id: &str) -> Result<(), ConfigError> {
        let say = |e: String| ConfigError(vec![format!("auth.keys_file: {}: {e}", path.display())]);
        file::change(path, |material| material.without(id)).map_err(say).map(drop)
    }
    /// Rotates keys that are kept nowhere.
    #[cfg(test)]
    pub(crate) fn rotate_in_memory(&self) {
        let mut loaded = self.0.loaded.write().unwrap_or_else(PoisonError::into_inner);
        let rotated = Material::rotated((*loaded.material).clone());
        loaded.material = Arc::new(rotated);
    }
    /// Reads the file again if it was replaced. Where that fails the keys stay as they are.
    ///
    /// # Errors
    /// As [`Keys::load`].
    pub fn reload(&self) -> Result<bool, ConfigError> {
        let Some(path) = &self.0.path else { return Ok(false) };
        let say = |e: String| ConfigError(vec![format!("auth.keys_file: {}: {e}", path.display())]);
        let seen = self.0.loaded.read().unwrap_or_else(PoisonError::into_inner).stamp;
        if seen == Some(file::Stamp::of(path).map_err(say)?) {
            return Ok(false);
        }
        let (material, stamp) = file::read(path).map_err(say)?;
        let mut loaded = self.0.loaded.write().unwrap_or_else(PoisonError::into_inner);
        *loaded = Loaded { material: Arc::new(material), stamp: Some(stamp) };
        Ok(true)
    }
    /// A short name of this set, for telling whether a database was sealed under it. It gives
    /// nothing away about the keys, and stays the same when they are rotated.
    pub fn fingerprint(&self) -> String {
        let mark = hmac(self.material().equality.bytes(), &[b"almoner.fingerprint.v1"]);
        text::hex(&mark[..8])
    }
    /// The ids of the keys that sign, the active one first.
    pub fn signing_ids(&self) -> Vec<String> {
        self.material().signing.ids()
    }
    /// The ids of the keys that seal, the active one first.
    pub fn master_ids(&self) -> Vec<String> {
        self.material().master.ids()
    }
    /// The id of the key that seals now.
    pub fn active_master(&self) -> String {
        self.look_again();
        self.material().master.active().id.clone()
    }
    /// The key that signs access tokens now.
    pub(crate) fn signing(&self) -> NamedKey {
        self.look_again();
        self.material().signing.active().clone()
    }
    /// A signing key by its id, also an older one.
    pub(crate) fn signing_by(&self, id: &str) -> Option<NamedKey> {
        self.find(|m| m.signing.get(id).cloned())
    }
    /// The key that wraps data keys now: of the file as it is, so that nothing is sealed under a
    /// key that was replaced.
    pub(crate) fn master(&self) -> NamedKey {
        self.look_again();
        self.material().master.active().clone()
    }
    /// A master key by its id, also an older one.
    pub(crate) fn master_by(&self, id: &str) -> Option<NamedKey> {
        self.find(|m| m.master.get(id).cloned())
    }
    /// The key of blind indexes.
    pub(crate) fn equality(&self) -> Key {
        self.material().equality.clone()
    }
    /// The key that opaque tokens are hashed with.
    pub(crate) fn tokens(&self) -> Key {
        self.material().tokens.clone()
    }
    fn material(&self) -> Arc<Material> {
        self.0.loaded.read().unwrap_or_else(PoisonError::into_inner).material.clone()
    }
    /// Costs one `stat` where nothing changed.
    fn look_again(&self) {
        if let Err(e) = self.reload() {
            tracing::error!(error = %e, "the key file cannot be read again");
        }
    }
    /// An unknown id may be one that another process has added meanwhile: the file is looked at
    /// again, which costs one `stat` where nothing changed.
    fn find(&self, get: impl Fn(&Material) -> Option<NamedKey>) -> Option<NamedKey> {
        if let Some(found) = get(&self.material()) {
            return Some(found);
        }
        self.look_again();
        get(&self.material())
    }
}

impl Material {
    fn rotated(mut self) -> Self {
        self.signing.0.insert(0, NamedKey::fresh("s"));
        self.master.0.insert(0, NamedKey::fresh("m"));
        self
    }
    fn without(mut self, id: &str) -> Result<Self, String> {
        let place = |ring: &Ring| ring.0.iter().position(|key| key.id == id);
        match (place(&self.signing), place(&self.master)) {
            (Some(0), _) | (_, Some(0)) => return Err(format!("{id} is active: rotate first")),
            (Some(at), _) => drop(self.signing.0.remove(at)),
            (None, Some(at)) => drop(self.master.0.remove(at)),
            (None, None) => return Err(format!("there is no key {id}")),
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
