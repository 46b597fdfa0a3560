using OnCell.Hosting;
using OnCell.Registry;

namespace OnCell.AspNetCore.Idempotency;

/// <summary>The answers of a day in the registry, encrypted: one may hold a new API key.</summary>
internal sealed class AnswerStore(CellHost host, SecretBox box, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromDays(1);

    private RegistryDatabase Database => host.Cells.Services.Database;

    public (byte[] Request, KeptAnswer Answer)? Find(string id) =>
        Database.Read(
            "SELECT request, answer FROM answer WHERE id = $id AND created > $oldest",
            r => ((byte[])r["request"], box.Unprotect<KeptAnswer>((byte[])r["answer"])),
            ("$id", id), ("$oldest", Oldest)) is [var found] ? found : null;

    public void Add(string id, byte[] request, KeptAnswer answer)
    {
        Database.Execute("DELETE FROM answer WHERE created <= $oldest", ("$oldest", Oldest));
        Database.Execute(
            "INSERT OR REPLACE INTO answer(id, request, answer, created) VALUES($id, $request, $answer, $created)",
            ("$id", id), ("$request", request), ("$answer", box.Protect(answer)), ("$created", time.GetUtcNow().ToUnixTimeMilliseconds()));
    }

    private long Oldest => (time.GetUtcNow() - Kept).ToUnixTimeMilliseconds();
}
