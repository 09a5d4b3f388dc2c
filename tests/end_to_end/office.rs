//! The office of these scenes: a few people in two departments.

use posthouse_tests::people::PASSWORD;
use posthouse_tests::server_process::ServerProcess;

/// ID of a colleague; 陈静.
pub(crate) const ALICE: &str = "chen.jing";
/// ID of another colleague; 王磊.
pub(crate) const BOB: &str = "wang.lei";
/// ID of a third colleague, in another department; 欧阳娜.
pub(crate) const CAROL: &str = "ouyang.na";

/// A server with three people.
pub(crate) async fn open() -> anyhow::Result<ServerProcess> {
    let server = ServerProcess::start().await?;
    for (id, name, department) in
        [(ALICE, "陈静", "总部/财务部"), (BOB, "王磊", "总部/财务部"), (CAROL, "欧阳娜", "总部/研发部")]
    {
        server.add_person(id, name, department, PASSWORD).await?;
    }
    Ok(server)
}
