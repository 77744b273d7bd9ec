import type { Baileys } from './namespace.ts'
import { lineOf } from './namespace.ts'

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/**
 * Methods of a socket, by the lines that have them. A gateway may take hold of them before the first socket is there.
 */
const methods = {
  both: words(`
    generateMessageTag query waitForMessage waitForSocketOpen sendRawMessage sendNode logout end onUnexpectedError uploadPreKeys uploadPreKeysToServerIfRequired
    requestPairingCode waitForConnectionUpdate sendWAMBuffer executeUSyncQuery onWhatsApp getBotListV2 fetchPrivacySettings upsertMessage appPatch
    sendPresenceUpdate presenceSubscribe profilePictureUrl fetchBlocklist fetchStatus fetchDisappearingDuration updateProfilePicture removeProfilePicture
    updateProfileStatus updateProfileName updateBlockStatus updateDisableLinkPreviewsPrivacy updateCallPrivacy updateMessagesPrivacy updateLastSeenPrivacy
    updateOnlinePrivacy updateProfilePicturePrivacy updateStatusPrivacy updateReadReceiptsPrivacy updateGroupsAddPrivacy updateDefaultDisappearingMode
    getBusinessProfile resyncAppState chatModify cleanDirtyBits addOrEditContact removeContact addLabel addChatLabel removeChatLabel addMessageLabel
    removeMessageLabel star groupMetadata groupCreate groupLeave groupUpdateSubject groupRequestParticipantsList groupRequestParticipantsUpdate
    groupParticipantsUpdate groupUpdateDescription groupInviteCode groupRevokeInvite groupAcceptInvite groupRevokeInviteV4 groupAcceptInviteV4
    groupGetInviteInfo groupToggleEphemeral groupSettingUpdate groupMemberAddMode groupJoinApprovalMode groupFetchAllParticipating newsletterCreate
    newsletterUpdate newsletterSubscribers newsletterMetadata newsletterFollow newsletterUnfollow newsletterMute newsletterUnmute newsletterUpdateName
    newsletterUpdateDescription newsletterUpdatePicture newsletterRemovePicture newsletterReactMessage newsletterFetchMessages subscribeNewsletterUpdates
    newsletterAdminCount newsletterChangeOwner newsletterDemote newsletterDelete assertSessions relayMessage sendReceipt sendReceipts readMessages
    refreshMediaConn waUploadToServer sendPeerDataOperationMessage createParticipantNodes getUSyncDevices updateMediaMessage sendMessage sendMessageAck
    sendRetryRequest rejectCall fetchMessageHistory requestPlaceholderResend getOrderDetails getCatalog getCollections productCreate productDelete
    productUpdate communityMetadata communityCreate communityLeave communityUpdateSubject communityRequestParticipantsList
    communityRequestParticipantsUpdate communityParticipantsUpdate communityUpdateDescription communityInviteCode communityRevokeInvite
    communityAcceptInvite communityRevokeInviteV4 communityAcceptInviteV4 communityGetInviteInfo communityToggleEphemeral communitySettingUpdate
    communityMemberAddMode communityJoinApprovalMode communityFetchAllParticipating`),
  v7: words(`
    registerSocketEndHandler digestKeyBundle rotateSignedPreKey updateServerTimeOffset sendUnifiedSession fetchAccountReachoutTimelock
    fetchNewChatMessageCap createCallLink addOrEditQuickReply removeQuickReply issuePrivacyTokens getMediaHost updateMemberLabel updateBussinesProfile
    updateCoverPhoto removeCoverPhoto communityCreateGroup communityLinkGroup communityUnlinkGroup communityFetchLinkedGroups`),
  v6: words('getPrivacyTokens'),
} as const

/** What does not return a promise. */
export const synchronous = [
  'generateMessageTag',
  'onUnexpectedError',
  'registerSocketEndHandler',
  'updateServerTimeOffset',
] as const

/** Methods of what a socket's `signalRepository` holds. */
export const repositoryMethods = {
  both: words(`decryptGroupMessage processSenderKeyDistributionMessage decryptMessage encryptMessage encryptGroupMessage
    injectE2ESession jidToSignalProtocolAddress`),
  v7: words(
    'getSenderKeyDistributionMessage hasSenderKey getSessionInfo validateSession deleteSession close migrateSession',
  ),
  v6: words(''),
} as const

/** Of `signalRepository.lidMapping`, which version 7 has. */
export const lidMappingMethods: readonly string[] = words(
  'storeLIDPNMappings getLIDForPN getLIDsForPNs getPNForLID getPNsForLIDs close',
)

/** The names of a socket's methods in this line of Baileys. */
export function methodsOf(baileys: Baileys): ReadonlySet<string> {
  return new Set([...methods.both, ...methods[lineOf(baileys)]])
}
