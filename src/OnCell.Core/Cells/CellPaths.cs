using System.Security.Cryptography;
using System.Text;

namespace OnCell.Cells;

/// <summary>Where the data root keeps what.</summary>
internal sealed class CellPaths(string dataRoot)
{
    public string DataRoot { get; } = Path.GetFullPath(dataRoot);

    public string Registry => Path.Combine(DataRoot, "oncell.db");

    public string Deployments => Path.Combine(DataRoot, "deployments");

    public string Keys => Path.Combine(DataRoot, "keys");

    /// <summary>Gets the folder of sockets and mount points. Short, since a Unix socket's path may have 107 bytes only.</summary>
    public string Runtime => "/run/oncell/" +
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(DataRoot)).AsSpan(0, 8));

    /// <summary>All of one customer lies in one folder.</summary>
    public string Cell(string customer) => Path.Combine(Cells, customer);

    public string Cells => Path.Combine(DataRoot, "cells");

    public string Models => Path.Combine(DataRoot, "models");

    public string Revision(string id) => Path.Combine(Deployments, id);

    public string Journal(string customer) => Path.Combine(Cell(customer), "journal.db");

    public string Index(string customer) => Path.Combine(Cell(customer), "index.db");
}
