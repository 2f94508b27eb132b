//! `weanbench schema`.

use clap::{Args, ValueEnum};
use schemars::schema_for;

use super::console::{Trouble, out_json};
use crate::NOTICE;
use crate::requirement;
use crate::scenario::{DeviceFile, PatientsFile, PeopleFile, ProtocolFile, Scenario};
use crate::study::campaign::CampaignFile;
use crate::verdict::Exit;

/// A kind of file.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Name {
    Scenario,
    Protocol,
    Device,
    People,
    Patients,
    Requirements,
    Campaign,
}

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The kind of file.
    name: Name,
    /// Accepted for uniformity: a schema is JSON anyway.
    #[arg(long)]
    json: bool,
}

/// Prints the schema.
pub(crate) fn schema(arguments: &Arguments) -> Result<Exit, Trouble> {
    let mut schema = match arguments.name {
        Name::Scenario => schema_for!(Scenario),
        Name::Protocol => schema_for!(ProtocolFile),
        Name::Device => schema_for!(DeviceFile),
        Name::People => schema_for!(PeopleFile),
        Name::Patients => schema_for!(PatientsFile),
        Name::Requirements => schema_for!(requirement::File),
        Name::Campaign => schema_for!(CampaignFile),
    };
    schema.insert("$comment".to_owned(), NOTICE.into());
    out_json(&schema)?;
    Ok(Exit::Good)
}
