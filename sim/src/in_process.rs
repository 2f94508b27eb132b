//! Controllers of a crate that knows nothing of the bench: it depends on `infusion-types` and implements [`DoseControl`].

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dose_controller::Protocol;
use infusion_types::{Abilities, Decision, DoseControl, Inputs, Prescription, Session, Timestamp};

use crate::declared;
use crate::kept::Kept;
use crate::port::{AnyController, ControllerPort, Controllers, Stalled};

/// Makes a controller that has just been switched on; none for a prescription that it cannot follow.
pub type Make<C> = fn(&Prescription, Session) -> Option<C>;

/// Where controllers of one kind come from.
pub struct InProcess<C> {
    name: String,
    make: Make<C>,
}

impl<C: DoseControl> InProcess<C> {
    /// Controllers that are called `name` on the command line.
    #[must_use]
    pub fn new(name: &str, make: Make<C>) -> Self {
        let name = name.to_owned();
        Self { name, make }
    }
}

impl<C> fmt::Debug for InProcess<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InProcess").field(&self.name).finish()
    }
}

impl<C: DoseControl> Controllers for InProcess<C> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn open(&self, protocol: Protocol, session: Session) -> Result<AnyController, Stalled> {
        let controller = (self.make)(protocol.prescription(), session);
        let controller = controller.ok_or_else(|| Stalled {
            why: "it does not take this prescription".to_owned(),
        })?;
        Ok(Box::new(Plugged::new(controller)))
    }
}

/// One of them, on the bench.
struct Plugged<C> {
    controller: C,
    has: Abilities,
}

impl<C: DoseControl> Plugged<C> {
    fn new(controller: C) -> Self {
        let has = controller.abilities();
        Self { controller, has }
    }

    /// Lets it work at `now`. A panic ends its run and no other: it is never asked again.
    fn let_it<T>(&mut self, now: Timestamp, work: impl FnOnce(&mut C) -> T) -> Result<T, Stalled> {
        let controller = &mut self.controller;
        catch_unwind(AssertUnwindSafe(|| work(controller))).map_err(|panicked| {
            let text = panicked.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panicked.downcast_ref::<&str>().copied());
            let said = text.unwrap_or("without a word");
            stalled(format!("it panicked at {} ms: {said}", now.millis()))
        })
    }
}

fn stalled(why: String) -> Stalled {
    Stalled { why }
}

impl<C: DoseControl> ControllerPort for Plugged<C> {
    fn step(&mut self, now: Timestamp, inputs: &Inputs<'_>) -> Result<Decision, Stalled> {
        let has = self.has;
        let taken = declared::taken(&has, inputs.orders);
        let inputs = Inputs {
            orders: &taken,
            ..*inputs
        };
        let (decision, next) = self.let_it(now, |controller| {
            let decision = controller.step(now, &inputs);
            (decision, controller.poll_timeout())
        })?;
        match declared::beyond(&has, now, &decision, next) {
            Some(why) => Err(stalled(why)),
            None => Ok(decision),
        }
    }

    fn poll_timeout(&self) -> Timestamp {
        self.controller.poll_timeout()
    }

    fn saved(&mut self) -> Result<Option<Kept>, Stalled> {
        let saved = self.controller.saved();
        Ok(saved.map(|bytes| Kept::Bytes(bytes.to_vec())))
    }

    fn abilities(&self) -> Abilities {
        self.has
    }

    fn restart(
        &mut self,
        session: Session,
        now: Timestamp,
        saved: Option<Kept>,
    ) -> Result<(), Stalled> {
        let saved = saved.and_then(Kept::bytes);
        self.let_it(now, |controller| {
            controller.restart(session, now, saved.as_deref())
        })?
        .map_err(|why| stalled(format!("{why}, and was to be at {} ms", now.millis())))
    }

    fn fork(&self) -> Option<AnyController> {
        Some(Box::new(Self::new(self.controller.clone())))
    }
}
