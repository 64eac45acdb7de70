// Running a command as another user with all of that user's rights: as a scheduled task, since a session of WinRM has neither (row
// MISC-05). Task Scheduler Scripting Objects, "TaskFolder.RegisterTaskDefinition" and "RegisteredTask".
import { quoteLiteral, quotePath, scriptText } from "./quoting.ts";

/** A command to run as a task. */
export interface ElevatedTask {
  /** Name of the task. */
  readonly name: string;
  readonly user: string;
  /** Empty for the accounts of services, such as SYSTEM, which have none (row PS-08). */
  readonly password: string;
  /** As `cmd` reads it. */
  readonly command: string;
  /** Where the script itself lies on the machine; it removes itself first, since it holds the password. */
  readonly path: string;
}

/**
 * The PowerShell script that registers the task, shows its output while it runs, removes all traces of it, and ends with its exit code.
 * The task is defined by its properties, not as XML, so that values need one kind of quoting alone.
 */
export function elevatedScript({ name, user, password, command, path }: ElevatedTask): string {
  return scriptText(`$ErrorActionPreference = 'Stop'
$global:ProgressPreference = 'SilentlyContinue'
Remove-Item -LiteralPath ${quoteLiteral(path)} -Force -ErrorAction SilentlyContinue

$name = ${quoteLiteral(name)}
$user = ${quoteLiteral(user)}
$password = ${quoteLiteral(password)}
$command = ${quoteLiteral(command)}
$log = ${quotePath(taskOutput(name))}

# Constants of the Task Scheduler, with the names that its documentation gives them.
$TASK_STATE_QUEUED = 2
$TASK_STATE_RUNNING = 4
$TASK_RUNLEVEL_HIGHEST = 1
$TASK_ACTION_EXEC = 0
$TASK_CREATE_OR_UPDATE = 6
$TASK_LOGON_PASSWORD = 1
$TASK_LOGON_SERVICE_ACCOUNT = 5
$TASK_INSTANCES_IGNORE_NEW = 2
$SCHED_S_TASK_RUNNING = 0x41301
$SCHED_S_TASK_HAS_NOT_RUN = 0x41303

$scheduler = New-Object -ComObject Schedule.Service
$scheduler.Connect()
$folder = $scheduler.GetFolder('\\')
$definition = $scheduler.NewTask(0)
$definition.RegistrationInfo.Description = 'Runs a script with elevated rights while a machine image is built'
$definition.Principal.RunLevel = $TASK_RUNLEVEL_HIGHEST
$definition.Settings.Enabled = $true
$definition.Settings.AllowDemandStart = $true
$definition.Settings.MultipleInstances = $TASK_INSTANCES_IGNORE_NEW
$definition.Settings.DisallowStartIfOnBatteries = $false
$definition.Settings.StopIfGoingOnBatteries = $false
$definition.Settings.RunOnlyIfIdle = $false
$definition.Settings.RunOnlyIfNetworkAvailable = $false
$definition.Settings.ExecutionTimeLimit = 'PT0S'
$definition.Settings.Priority = 4
$action = $definition.Actions.Create($TASK_ACTION_EXEC)
$action.Path = 'cmd.exe'
$action.Arguments = '/s /c "' + $command + ' > "' + $log + '" 2>&1"'

$encoding = [Text.Encoding]::Default
try {
  # That of the console that the task has.
  $encoding = [Text.Encoding]::GetEncoding([int](Get-ItemProperty 'HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage').OEMCP)
}
catch { }
$buffer = New-Object char[] 8192
$reader = $null
function Show-Output {
  if ($null -eq $script:reader) {
    # Not there before the task has begun.
    try { $stream = [IO.File]::Open($log, 'Open', 'Read', 'ReadWrite, Delete') } catch { return }
    $script:reader = New-Object IO.StreamReader -ArgumentList $stream, $encoding
  }
  while (($count = $script:reader.Read($buffer, 0, $buffer.Length)) -gt 0) { [Console]::Out.Write($buffer, 0, $count) }
}

$result = 1
$task = $null
try {
  if ($password -eq '') {
    $task = $folder.RegisterTaskDefinition($name, $definition, $TASK_CREATE_OR_UPDATE, $user, $null, $TASK_LOGON_SERVICE_ACCOUNT, $null)
  }
  else {
    $task = $folder.RegisterTaskDefinition($name, $definition, $TASK_CREATE_OR_UPDATE, $user, $password, $TASK_LOGON_PASSWORD, $null)
  }
  $null = $task.Run($null)
  # Not seen running, it was too quick, or has not begun: only after a second is what it says about its end believed.
  $hasRun = $false
  $idle = 0
  while ($true) {
    $state = $task.State
    $result = $task.LastTaskResult
    Show-Output
    if ($state -eq $TASK_STATE_RUNNING -or $state -eq $TASK_STATE_QUEUED) { $hasRun = $true }
    else {
      $idle++
      $hasResult = $result -ne $SCHED_S_TASK_RUNNING -and $result -ne $SCHED_S_TASK_HAS_NOT_RUN
      if ($hasResult -and ($hasRun -or $idle -gt 10)) { break }
      if ($idle -gt 300) { throw "The task of the user $user has not begun, or has no result. May that user log on as a batch job?" }
    }
    Start-Sleep -Milliseconds 100
  }
}
finally {
  if ($null -ne $reader) { $reader.Close() }
  if ($null -ne $task) {
    if ($task.State -eq $TASK_STATE_RUNNING) { $task.Stop(0) }
    $folder.DeleteTask($name, 0)
  }
  Remove-Item -LiteralPath $log -Force -ErrorAction SilentlyContinue
}
exit $result
`);
}

/** Where the output of a task of that name goes, as PowerShell expands it. */
export function taskOutput(name: string): string {
  return `$env:SystemRoot\\Temp\\${name}.out`;
}

/** The command that runs such a script. It works in `cmd` and in PowerShell alike. */
export function elevatedCommand(path: string): string {
  return `powershell -executionpolicy bypass -file "${path}"`;
}
