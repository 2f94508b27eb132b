//! `--controller lib:FILE`: a controller in a shared library, called in-process.
//!
//! The library is loaded once and never unloaded. What it gives is checked before it is called, by version and by size,
//! and what comes back is checked word by word. It runs in this process: one that writes where it must not, or never
//! returns, takes the bench with it; behind `exec:` it would only stall.
//!
//! This is the one place on this side of the interface where foreign code is called.
#![expect(
    unsafe_code,
    reason = "a library is loaded, and functions of another language are called"
)]

use std::ffi::{CStr, c_void};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use controller_abi::layout::{WbController, WbDecision, WbInputs};
use controller_abi::{ABI, ENTRY, Lent, abilities, prescription};
use dose_controller::Protocol;
use infusion_types::{Abilities, Decision, Inputs, Session, Timestamp};
use libloading::Library;

use crate::declared;
use crate::kept::Kept;
use crate::port::{AnyController, ControllerPort, Controllers, Stalled};

/// The most that a controller may have stored, bytes.
const SAVED_MOST: usize = 256 * 1024;

/// Why a file is no controller.
#[derive(Debug, thiserror::Error)]
pub enum NotLoaded {
    /// The system says so.
    #[error("{}", in_words(.0))]
    System(#[from] libloading::Error),
    /// It knows another version.
    #[error("it has no controller of version {ABI} of the interface")]
    Version,
    /// Its structures have other sizes.
    #[error("its structures are not those of version {ABI}: {0}")]
    Layout(String),
    /// A function that there must be is missing.
    #[error("its table lacks `{0}`")]
    Lacks(&'static str),
}

/// The system's own words name the file and what is wrong with it; the error by itself says that something is.
fn in_words(error: &libloading::Error) -> String {
    let words = std::error::Error::source(error).map(ToString::to_string);
    words.unwrap_or_else(|| error.to_string())
}

/// A library, and the functions that there must be.
#[derive(Debug)]
struct Loaded {
    _library: Library,
    table: WbController,
    open: Open,
    step: Step,
    close: Close,
    has: Abilities,
}

type Open = unsafe extern "C" fn(*const controller_abi::layout::WbPrescription, u32) -> *mut c_void;
type Step = unsafe extern "C" fn(*mut c_void, *const WbInputs, *mut WbDecision) -> i32;
type Close = unsafe extern "C" fn(*mut c_void);

// SAFETY: the table is a copy, its name is constant in a library that stays loaded, and the header asks of its functions
// to be called from any thread.
unsafe impl Send for Loaded {}
// SAFETY: as above; nothing in it is ever changed.
unsafe impl Sync for Loaded {}

/// Controllers from a shared library.
#[derive(Debug)]
pub struct Loadable {
    name: String,
    loaded: Arc<Loaded>,
}

impl Loadable {
    /// Loads a library that was named `name` on the command line.
    ///
    /// # Errors
    /// [`NotLoaded`].
    pub fn load(name: &str, file: &Path) -> Result<Self, NotLoaded> {
        // A name without a slash would be looked for among the libraries of the system.
        let file: PathBuf = Path::new(".").join(file);
        // SAFETY: whoever names a library on the command line wants what it does when it is loaded.
        let library = unsafe { Library::new(&file) }?;
        // SAFETY: a function of this name has this type; the header says so.
        let entry: libloading::Symbol<'_, unsafe extern "C" fn(u32) -> *const WbController> =
            unsafe { library.get(ENTRY) }?;
        // SAFETY: it takes any number, and gives null or a table that stays.
        let table = unsafe { entry(ABI).as_ref() };
        let table = *table.ok_or(NotLoaded::Version)?;
        if table.abi != ABI {
            return Err(NotLoaded::Version);
        }
        check_sizes(&table)?;
        let loaded = Loaded {
            open: table.open.ok_or(NotLoaded::Lacks("open"))?,
            step: table.step.ok_or(NotLoaded::Lacks("step"))?,
            close: table.close.ok_or(NotLoaded::Lacks("close"))?,
            has: had(&table),
            table,
            _library: library,
        };
        Ok(Self {
            name: name.to_owned(),
            loaded: Arc::new(loaded),
        })
    }

    /// What it calls itself.
    #[must_use]
    pub fn called(&self) -> String {
        let name = self.loaded.table.name;
        if name.is_null() {
            return String::new();
        }
        // SAFETY: it is not null, and the header asks for a constant C string.
        unsafe { CStr::from_ptr(name) }
            .to_string_lossy()
            .into_owned()
    }
}

fn check_sizes(table: &WbController) -> Result<(), NotLoaded> {
    let sizes = [
        ("WbController", table.size, size_of::<WbController>()),
        ("WbInputs", table.inputs_size, size_of::<WbInputs>()),
        ("WbDecision", table.decision_size, size_of::<WbDecision>()),
    ];
    for (what, theirs, ours) in sizes {
        if theirs as usize != ours {
            let why = format!("{what} has {theirs} bytes there, and {ours} here");
            return Err(NotLoaded::Layout(why));
        }
    }
    Ok(())
}

fn had(table: &WbController) -> Abilities {
    let (orders, modes, alarms) = abilities(&table.has);
    let mut has = Abilities::ALL.with_orders(orders).with_modes(modes);
    has.alarms = alarms;
    has
}

impl Controllers for Loadable {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn open(&self, protocol: Protocol, session: Session) -> Result<AnyController, Stalled> {
        let written = prescription(&protocol);
        // SAFETY: the prescription is lent for this call.
        let instance = unsafe { (self.loaded.open)(&raw const written, session.number()) };
        let instance = Instance::of(&self.loaded, instance);
        instance.map(|it| Box::new(it) as AnyController)
    }
}

/// One controller of a library.
#[derive(Debug)]
struct Instance {
    loaded: Arc<Loaded>,
    controller: *mut c_void,
    lent: Lent,
    next: Timestamp,
}

// SAFETY: it is used by whoever owns it, one call at a time, and the header asks for no more than that.
unsafe impl Send for Instance {}

impl Instance {
    fn of(loaded: &Arc<Loaded>, controller: *mut c_void) -> Result<Self, Stalled> {
        if controller.is_null() {
            return Err(stalled("`open` gave no controller"));
        }
        Ok(Self {
            loaded: Arc::clone(loaded),
            controller,
            lent: Lent::default(),
            next: Timestamp::ZERO,
        })
    }
}

fn stalled(why: impl Into<String>) -> Stalled {
    Stalled { why: why.into() }
}

impl ControllerPort for Instance {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        let has = &self.loaded.has;
        let taken = declared::taken(has, inputs.orders);
        let orders = &taken;
        let lent = self.lent.lend(now, &Inputs { orders, ..*inputs });
        let mut decided = WbDecision::default();
        // SAFETY: the library made the controller and nobody else uses it; inputs and room are lent for this call.
        let code =
            unsafe { (self.loaded.step)(self.controller, &raw const lent, &raw mut decided) };
        if code != 0 {
            let why = format!("its `step` at {} ms gave up with {code}", now.millis());
            return Err(stalled(why));
        }
        let decision = decided
            .read()
            .map_err(|wrong| stalled(format!("its answer at {} ms: {wrong}", now.millis())))?;
        self.next = Timestamp::from_millis(decided.next_ms);
        match declared::beyond(has, now, &decision, self.next) {
            Some(why) => Err(stalled(why)),
            None => Ok(decision),
        }
    }

    fn poll_timeout(&self) -> Timestamp {
        self.next
    }

    fn saved(&mut self) -> Result<Option<Kept>, Stalled> {
        let Some(save) = self.loaded.table.save else {
            return Ok(None);
        };
        let mut bytes = vec![0; 8 * 1024];
        loop {
            // SAFETY: as in `step`; there is as much room as is said.
            let length = unsafe { save(self.controller, bytes.as_mut_ptr(), bytes.len()) };
            if length == 0 {
                return Ok(None);
            }
            if length > SAVED_MOST {
                let why = format!("its state has {length} bytes; {SAVED_MOST} is the most");
                return Err(stalled(why));
            }
            let fits = length <= bytes.len();
            bytes.resize(length, 0);
            if fits {
                return Ok(Some(Kept::Bytes(bytes)));
            }
        }
    }

    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<Kept>,
    ) -> Result<(), Stalled> {
        let Some(restart) = self.loaded.table.restart else {
            return Err(stalled(
                "it cannot be restarted: its table has no `restart`",
            ));
        };
        let bytes = saved.and_then(Kept::bytes);
        let (at, length) = bytes
            .as_ref()
            .map_or((std::ptr::null(), 0), |it| (it.as_ptr(), it.len()));
        // SAFETY: as in `step`; the bytes are lent for this call.
        let code = unsafe { restart(self.controller, session.number(), now.millis(), at, length) };
        if code == 0 {
            Ok(())
        } else {
            Err(stalled(format!(
                "its `restart` at {} ms gave up with {code}",
                now.millis()
            )))
        }
    }

    fn fork(&self) -> Option<AnyController> {
        let fork = self.loaded.table.fork?;
        // SAFETY: the library made the controller, and nobody else uses it now.
        let other = unsafe { fork(self.controller) };
        let mut other = Self::of(&self.loaded, other).ok()?;
        other.next = self.next;
        Some(Box::new(other))
    }

    fn abilities(&self) -> Abilities {
        self.loaded.has
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: the library made it, and nobody uses it any more.
        unsafe { (self.loaded.close)(self.controller) };
    }
}
